import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import PostalMime from "postal-mime";
import { fuzzRuns } from "../../../../test/support/fuzz-runs.ts";
import { seededRandom } from "../../../../test/support/seeded-random.ts";
import { exceedsMimeBounds, hasEightBit, readHeader, textFault } from "../../../mail/index.ts";
import { type Composition, compose } from "./compose.ts";

const PLAIN: Composition = {
  from: { address: "noreply@acme.test", name: "Acme" },
  to: [{ address: "ada@example.com", name: undefined }],
  cc: [],
  replyTo: [],
  subject: "Confirm your address",
  text: "Hello Ada",
  html: undefined,
  headers: [],
  messageId: undefined,
  attachments: [],
};
const file = (filename: string | undefined, more: Partial<Composition["attachments"][number]> = {}) => ({
  filename,
  contentType: "application/pdf",
  content: Buffer.from("%PDF-1.7"),
  disposition: "attachment" as const,
  contentId: undefined,
  ...more,
});
const composed = (change: Partial<Composition>): string =>
  compose({ ...PLAIN, ...change }, seededRandom(1)).toString("utf8");

/** Types of the parts, as they nest. */
function shapeOf(text: string): string {
  const types = [...text.matchAll(/^Content-Type: ([a-z]+\/[a-z-]+)/gim)].map((match) => match[1]!);
  return types.join(" ");
}

test("a plain message is what one would write by hand", () => {
  assert.equal(
    composed({}),
    "From: Acme <noreply@acme.test>\r\nTo: ada@example.com\r\nSubject: Confirm your address\r\nMIME-Version: 1.0\r\n" +
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nHello Ada",
  );
});

test("parts nest as readers expect: mixed( related( alternative, inline ), attached )", () => {
  const html = '<img src="cid:logo">';
  const logo = file("logo.png", { contentType: "image/png", disposition: "inline", contentId: "logo" });
  assert.equal(shapeOf(composed({ html })), "multipart/alternative text/plain text/html");
  assert.equal(shapeOf(composed({ text: undefined, html })), "text/html");
  assert.equal(shapeOf(composed({ attachments: [file("a.pdf")] })), "multipart/mixed text/plain application/pdf");
  assert.equal(
    shapeOf(composed({ html, attachments: [file("a.pdf"), logo] })),
    "multipart/mixed multipart/related multipart/alternative text/plain text/html image/png application/pdf",
  );
  assert.equal(
    shapeOf(composed({ attachments: [logo] })),
    "multipart/mixed text/plain image/png",
    "without html nothing can show it inline",
  );
  assert.equal(shapeOf(composed({ text: undefined, attachments: [file("a.pdf")] })), "multipart/mixed application/pdf");
});

test("text of other scripts goes as base64, text with a few accents as quoted-printable", () => {
  assert.match(composed({ text: "Привет, Ада" }), /Content-Transfer-Encoding: base64/);
  assert.match(composed({ text: "A café in the rue de la Paix, as usual" }), /quoted-printable\r\n\r\nA caf=C3=A9 in/);
});

describe("whatever is given", () => {
  const words = fc.string({
    unit: fc.constantFrom("a", "Z", " ", '"', "\\", ",", "<", "@", "é", "日", "😀", "=?", "?="),
    maxLength: 60,
  });
  const long = fc.oneof(words, fc.constant("x".repeat(950)), fc.constant(`${"word ".repeat(60)}end`));
  const named = fc.record({
    address: fc.constantFrom("a@b.test", "ada.lovelace@example.com"),
    name: fc.option(
      words.map((w) => w.trim() || "N"),
      { nil: undefined },
    ),
  });
  const text = fc.option(
    fc.string({ unit: fc.constantFrom("a", "\n", "\r\n", "\r", ".", "é", " ", "="), maxLength: 80 }),
    { nil: undefined },
  );
  const composition: fc.Arbitrary<Composition> = fc.record({
    from: named,
    to: fc.array(named, { maxLength: 6 }),
    cc: fc.array(named, { maxLength: 2 }),
    replyTo: fc.array(named, { maxLength: 2 }),
    subject: long,
    text,
    html: text,
    headers: fc.array(fc.tuple(fc.constantFrom("X-A", "List-Unsubscribe", `X-${"long".repeat(18)}`), words), {
      maxLength: 3,
    }),
    messageId: fc.constantFrom(undefined, "<a.b@c.test>"),
    attachments: fc.array(
      fc.record({
        filename: fc.option(
          words.map((w) => w.slice(0, 40) || "f"),
          { nil: undefined },
        ),
        contentType: fc.constant("image/png"),
        content: fc.uint8Array({ maxLength: 200 }).map((octets) => Buffer.from(octets)),
        disposition: fc.constantFrom("attachment" as const, "inline" as const),
        contentId: fc.constantFrom(undefined, "logo"),
      }),
      { maxLength: 3 },
    ),
  });

  test("the text is 7-bit, has proper lines, one field of each kind, and reads back as what was meant", async () => {
    await fc.assert(
      fc.asyncProperty(composition, async (message) => {
        const raw = compose(message, seededRandom(7));
        assert.equal(textFault(raw, 998), null);
        assert.equal(hasEightBit(raw), false);
        const header = readHeader(raw, { headerBytes: 65_536, headerFields: 200 });
        assert.ok("bodyStart" in header);
        assert.equal(exceedsMimeBounds(raw, header), false);
        for (const line of raw.subarray(0, header.bodyStart).toString("latin1").split("\r\n")) {
          assert.ok(!line.includes("=?UTF-8?B?") || line.length <= 76, line);
          assert.doesNotMatch(line, /^[ \t]+$/);
        }

        const read = await PostalMime.parse(raw);
        assert.equal(read.subject ?? "", message.subject.trim());
        assert.equal(read.from?.address, message.from.address);
        assert.equal(read.from?.name, message.from.name ?? "");
        assert.deepEqual(
          (read.to ?? []).map(({ address, name }) => ({ address, name })),
          message.to.map(({ address, name }) => ({ address, name: name ?? "" })),
        );
        const normal = (given: string | undefined) => (given ?? "").replace(/\r\n|\r|\n/g, "\n").trimEnd();
        if (message.text !== undefined) assert.equal(normal(read.text), normal(message.text));
        assert.deepEqual(
          read.attachments
            .map(({ filename, content }) => ({ filename, content: Buffer.from(content as ArrayBuffer) }))
            .toSorted(byName),
          message.attachments
            .map(({ filename, content }) => ({ filename: filename ?? null, content }))
            .toSorted(byName),
        );
      }),
      { numRuns: fuzzRuns() },
    );
  });

  const byName = (
    a: { filename: string | null; content: Buffer },
    b: { filename: string | null; content: Buffer },
  ): number => (`${a.filename}${a.content.toString("hex")}` < `${b.filename}${b.content.toString("hex")}` ? -1 : 1);
});
