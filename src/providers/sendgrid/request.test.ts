import assert from "node:assert/strict";
import { test } from "node:test";
import { someEnvelope, someHandoff } from "../../../test/contract/provider-contract.ts";
import { parseMailbox } from "../../mail/index.ts";
import { sendRequest } from "./request.ts";

const crlf = (text: string) => Buffer.from(text.replaceAll("\n", "\r\n"));
const envelopeOf = (...addresses: string[]) =>
  someEnvelope(0, { recipients: addresses.map((one) => ({ mailbox: parseMailbox(one)!, dsn: {} })) });
const requestFor = (text: string, ...addresses: string[]) =>
  sendRequest(someHandoff(1, { raw: crlf(text), envelope: envelopeOf(...addresses) }));

type Mail = Record<string, unknown> & { personalizations: Record<string, unknown>[] };
async function mailFor(text: string, ...addresses: string[]): Promise<{ mail: Mail; placeOf: string[] }> {
  const made = await requestFor(text, ...addresses);
  assert.ok(made.kind === "request", made.kind === "cannot" ? made.outcome.diagnostic : "");
  return { mail: JSON.parse(made.body.toString()) as Mail, placeOf: made.placeOf };
}
async function obstacleFor(text: string, ...addresses: string[]): Promise<string> {
  const made = await requestFor(text, ...addresses);
  assert.ok(made.kind === "cannot");
  assert.deepEqual([made.outcome.kind, made.outcome.scope], ["rejected", "account"]);
  return `${made.outcome.cause}: ${made.outcome.diagnostic ?? ""}`;
}

const LETTER = `From: =?utf-8?Q?J=C3=BCrg?= <news@acme.example>
Reply-To: help@acme.example
To: "Doe, Jane" <jane@example.net>, joe@example.net
Cc: boss@example.net
Subject: =?utf-8?B?R3LDvMOfZQ==?=
Message-ID: <1@acme.example>
List-Unsubscribe: <https://acme.example/u>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=o

--o
Content-Type: multipart/alternative; boundary=i

--i
Content-Type: text/plain; charset=utf-8

Good day
--i
Content-Type: text/html; charset=utf-8

<p>Good day</p>
--i--
--o
Content-Type: image/png
Content-ID: <logo@acme>
Content-Disposition: inline; filename=logo.png
Content-Transfer-Encoding: base64

iVBORw==
--o--
`;

test("a message becomes SendGrid's fields: names, order of texts, attachments, our ids, everything that follows people off", async () => {
  const { mail, placeOf } = await mailFor(
    LETTER,
    "hidden@example.org",
    "Joe@example.net",
    "jane@example.net",
    "boss@example.net",
  );
  assert.deepEqual(placeOf, ["bcc.0", "to.1", "to.0", "cc.0"]);
  assert.deepEqual(mail, {
    personalizations: [
      {
        to: [{ email: "jane@example.net", name: '"Doe, Jane"' }, { email: "joe@example.net" }],
        cc: [{ email: "boss@example.net" }],
        bcc: [{ email: "hidden@example.org" }],
        custom_args: { postern_attempt: "attempt-1", postern_id: "01900000-0000-7000-8000-000000000000" },
      },
    ],
    from: { email: "news@acme.example", name: "Jürg" },
    reply_to: { email: "help@acme.example" },
    subject: "Grüße",
    content: [
      { type: "text/plain", value: "Good day\n" },
      { type: "text/html", value: "<p>Good day</p>\n" },
    ],
    attachments: [
      { content: "iVBORw==", type: "image/png", filename: "logo.png", disposition: "inline", content_id: "logo@acme" },
    ],
    headers: { "Message-ID": "<1@acme.example>", "List-Unsubscribe": "<https://acme.example/u>" },
    mail_settings: { footer: { enable: false }, sandbox_mode: { enable: false } },
    tracking_settings: {
      click_tracking: { enable: false, enable_text: false },
      open_tracking: { enable: false },
      subscription_tracking: { enable: false },
      ganalytics: { enable: false },
    },
  });
});

const PLAIN = (fields: string, body = "Good day\n") =>
  `From: news@acme.example\nTo: jane@example.net\nSubject: Hello\n${fields}\n${body}`;

test("an address that stands in To and Cc is sent to once", async () => {
  const { mail } = await mailFor(PLAIN("Cc: Jane <JANE@example.net>\n"), "jane@example.net");
  assert.deepEqual(mail.personalizations[0]!["to"], [{ email: "jane@example.net" }]);
  assert.equal("cc" in mail.personalizations[0]!, false);
});

test("what SendGrid's fields cannot say is refused by name", async () => {
  const jane = "jane@example.net";
  const cases: [string, RegExp][] = [
    [PLAIN("Cc: stranger@example.org\n"), /names others than it is sent to/],
    [PLAIN("").replace("To: jane@example.net\n", ""), /without To/],
    [PLAIN("").replace("Subject: Hello\n", ""), /without a subject/],
    [PLAIN("", ""), /without a text/],
    [PLAIN("X-Tag: a\nX-Tag: b\n"), /header field twice \(X-Tag\)/],
    [PLAIN("Content-Type: multipart/signed; boundary=x\n", "--x\n\na\n--x--\n"), /multipart\/signed/],
  ];
  for (const [text, what] of cases) {
    const said = await obstacleFor(text, jane);
    assert.match(said, /^not-expressible: /);
    assert.match(said, what);
  }
});

test("a message gives no orders to the account", async () => {
  for (const field of ['X-SMTPAPI: {"to":["victim@example.org"]}', "x-smtpapi: {}", "X-SG-EID: 1", "X-Sg-Id: 1"]) {
    assert.match(await obstacleFor(PLAIN(`${field}\n`), "jane@example.net"), /an order to SendGrid/);
  }
});

test("limits are told before anything is sent", async () => {
  const asked = async (change: Parameters<typeof someHandoff>[1]) => {
    const made = await sendRequest(someHandoff(1, change));
    return made.kind === "cannot" ? made.outcome.cause : made.kind;
  };
  assert.equal(await asked({ envelope: someEnvelope(1, { needsSmtputf8: true }) }), "smtputf8-not-supported");
  assert.equal(await asked({ envelope: someEnvelope(1_001) }), "not-expressible");
  assert.equal(await asked({ raw: Buffer.alloc(30 * 1024 * 1024 + 1) }), "message-too-large");
});

test("names of fields are data: __proto__ and its like arrive as they are", async () => {
  const { mail } = await mailFor(PLAIN("__proto__: x\nconstructor: y\n"), "jane@example.net");
  assert.deepEqual(Object.entries(mail["headers"] as object).toSorted(), [
    ["__proto__", "x"],
    ["constructor", "y"],
  ]);
});
