import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { seededRandom } from "../../../test/support/seeded-random.ts";
import { compose } from "../../accept/index.ts";
import type { SmtpProviderSettings } from "../../config/index.ts";
import { expectedOf } from "../compose/expected-of.ts";
import { neutral } from "../compose/neutral.ts";
import type { Letter } from "../compose/writer.ts";
import { isAltered } from "../findings.ts";
import { firstReceivedAt } from "./first-received.ts";
import { knownOf } from "./known.ts";
import { type Received, verify } from "./verify.ts";

const RECIPIENT = "mara.keller.abc@c.test";
const DOMAINS = ["acme.test"];
const letter: Letter = {
  ...neutral("C2", { name: "Mara Keller", domain: "acme.test", random: seededRandom(1) }),
  from: { address: "hello@acme.test", name: "Acme" },
  replyTo: null,
};
const rawOf = (but: Partial<Letter> = {}, headers: [string, string][] = []): Buffer => {
  const made = { ...letter, ...but };
  return compose(
    {
      from: made.from,
      to: [{ address: RECIPIENT, name: "Mara Keller" }],
      cc: [],
      replyTo: made.replyTo === null ? [] : [{ address: made.replyTo, name: undefined }],
      subject: made.subject,
      text: made.text ?? undefined,
      html: made.html ?? undefined,
      headers,
      messageId: undefined,
      attachments: [],
    },
    seededRandom(2),
  );
};
const POSTMARK = { kind: "smtp", vendor: "postmark" } as SmtpProviderSettings;
const found = async (raw: Buffer, but: Partial<Received> = {}): Promise<string[]> => {
  const received = { raw, returnPath: "pm_bounces@mtasv.net", secure: true, own: true, ...but };
  const findings = await verify(received, expectedOf(letter, RECIPIENT), knownOf(POSTMARK, undefined), DOMAINS);
  return findings.map(({ code, detail }) => `${code}: ${detail}`);
};

describe("a canary that arrived", () => {
  test("as it was sent: nothing is found, whatever a hop did to line ends and encodings", async () => {
    assert.deepEqual(await found(rawOf()), []);
    const encoded = Buffer.from(letter.text!).toString("base64");
    const html = Buffer.from(letter.html!.replace("<p>", "<p>")).toString("base64");
    const anew =
      `From: Acme <hello@acme.test>\r\nTo: ${RECIPIENT}\r\nSubject: ${letter.subject}\r\nMIME-Version: 1.0\r\n` +
      `X-PM-Message-Id: 1\r\nReceived: from x by y; Mon, 8 Aug 2022 19:30:00 +0000\r\n` +
      `Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n` +
      `Content-Transfer-Encoding: base64\r\n\r\n${encoded}\r\n--b\r\nContent-Type: text/html\r\n` +
      `Content-Transfer-Encoding: base64\r\n\r\n${html}\r\n--b--\r\n`;
    assert.deepEqual(await found(Buffer.from(anew)), []);
  });

  test("with another text, HTML or subject", async () => {
    assert.deepEqual(await found(rawOf({ text: `${letter.text}!` })), [
      "text-changed: The text is not the one that was sent.",
    ]);
    assert.deepEqual(
      await found(rawOf({ html: letter.html!.replace("</body>", "<img src='https://t.test/o'></body>") })),
      ["html-changed: The HTML is not the one that was sent."],
    );
    assert.deepEqual(await found(rawOf({ subject: "[SPAM?] hello" })), [
      "subject-changed: The subject is not the one that was sent.",
    ]);
  });

  test("with a stranger's address in the text or in a field: how a breach was seen once", async () => {
    const inText = await found(rawOf({ text: `${letter.text}\n\nhelp@arxxwalls.test` }));
    assert.ok(inText.includes("address-foreign: help@arxxwalls.test in the text."), inText.join());
    assert.deepEqual(await found(rawOf({}, [["List-Help", "<mailto:help@arxxwalls.test>"]])), [
      "address-foreign: help@arxxwalls.test in list-help.",
      "header-added: list-help.",
    ]);
    assert.deepEqual(await found(rawOf({}, [["X-Complaints-To", "abuse@postmarkapp.com"]])), []);
    // A field that no mail program answers to is no stranger at work.
    assert.deepEqual(await found(rawOf({}, [["X-Complaints-To", "abuse@elsewhere.test"]])), [
      "address-in-field: abuse@elsewhere.test in x-complaints-to.",
    ]);
  });

  test("with a rewritten link, and with one that was added", async () => {
    const tracked = (text: string): string =>
      text.replaceAll(/https:\/\/acme\.test\/[\w-]+/g, "https://click.track.test/x");
    const codes = await found(rawOf({ html: tracked(letter.html!) }));
    assert.deepEqual(codes, [
      "html-changed: The HTML is not the one that was sent.",
      "link-rewritten: A link leads to click.track.test.",
    ]);
    const added = await found(rawOf({ text: `${letter.text}\nhttps://evil.test/` }));
    assert.ok(added.includes("link-foreign: A link leads to evil.test."), added.join());
    const counted = await found(rawOf({ text: `${letter.text}\nhttps://unsubscribe.mtasv.net/1` }));
    assert.ok(
      counted.includes("link-rewritten: A link leads to unsubscribe.mtasv.net, which is the provider's own."),
      counted.join(),
    );
    // Of a provider whose domains nobody named it may be its own.
    const raw = rawOf({ text: `${letter.text}\nhttps://evil.test/` });
    const unknown = await verify(
      { raw, returnPath: "b@x.test", secure: true, own: true },
      expectedOf(letter, RECIPIENT),
      knownOf(undefined, undefined),
      DOMAINS,
    );
    assert.deepEqual(
      unknown.map(({ code }) => code),
      ["text-changed", "link-rewritten"],
    );
  });

  test("from somebody else, or answering to somebody else", async () => {
    assert.ok(
      (await found(rawOf({ from: { address: "ops@acme.test", name: undefined } }))).includes(
        "author-changed: From is ops@acme.test.",
      ),
    );
    assert.ok((await found(rawOf({ replyTo: "x@evil.test" }))).includes("reply-to-changed: Reply-To is x@evil.test."));
  });

  test("without TLS, with bounces to a stranger, with an unknown field: told, and not altered", async () => {
    const received = { raw: rawOf({}, [["X-Odd", "1"]]), returnPath: "b@elsewhere.test", secure: false, own: true };
    const findings = await verify(received, expectedOf(letter, RECIPIENT), knownOf(POSTMARK, undefined), DOMAINS);
    assert.deepEqual(
      findings.map(({ code }) => code),
      ["header-added", "return-path-foreign", "tls-missing"],
    );
    assert.equal(isAltered(findings), false);
    assert.deepEqual(await found(rawOf({}, [["X-Odd", "1"]]), { own: false, secure: null, returnPath: null }), []);
  });

  test("what the configuration tolerates is tolerated", async () => {
    const known = knownOf(undefined, { headers: ["x-odd"], domains: ["relay.test"] });
    const raw = rawOf({}, [["X-Odd", "ops@relay.test"]]);
    const received = { raw, returnPath: "b@out.relay.test", secure: true, own: true };
    assert.deepEqual(await verify(received, expectedOf(letter, RECIPIENT), known, DOMAINS), []);
  });
});

test("texts that were made to take long are read to their end", async (t) => {
  const beganAt = performance.now();
  const octets = 1_400_000;
  const texts = [
    `${" ".repeat(octets)}x`,
    `https://a.test/${".".repeat(octets)}x`,
    "a@".repeat(octets / 2),
    `x@${"a.".repeat(octets / 2)}`,
  ];
  for (const text of texts) {
    const body = Buffer.from(text).toString("base64").replaceAll(/.{76}/g, "$&\r\n");
    const raw = `From: a@acme.test\r\nContent-Transfer-Encoding: base64\r\nContent-Type: text/plain\r\n\r\n${body}\r\n`;
    await found(Buffer.from(raw));
  }
  firstReceivedAt(Buffer.from(`Received: x; ${"(".repeat(200_000)}\r\n\r\n`));
  // Each of them took many seconds by patterns that look back.
  // Quadratic reading would take minutes, and the runner ends a test that long.
  t.diagnostic(`${Math.round(performance.now() - beganAt)} ms`);
});
