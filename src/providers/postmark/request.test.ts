import assert from "node:assert/strict";
import { test } from "node:test";
import { someEnvelope, someHandoff } from "../../../test/contract/provider-contract.ts";
import { type Envelope, parseMailbox } from "../../mail/index.ts";
import type { Handoff } from "../provider.ts";
import { type PostmarkEmail, requestOf } from "./request.ts";

const handoffOf = (text: string, recipients: readonly string[], change: Partial<Handoff> = {}): Handoff => {
  const envelope: Envelope = {
    ...someEnvelope(0),
    recipients: recipients.map((one) => ({ mailbox: parseMailbox(one)!, dsn: {} })),
  };
  return someHandoff(1, { envelope, raw: Buffer.from(text.replaceAll("\n", "\r\n")), ...change });
};
async function emailOf(text: string, recipients: readonly string[]): Promise<PostmarkEmail> {
  const request = await requestOf(handoffOf(text, recipients), "token", "outbound");
  assert.ok("path" in request, "diagnostic" in request ? request.diagnostic : "");
  return JSON.parse(String(request.body)) as PostmarkEmail;
}
async function obstacleOf(text: string, recipients: readonly string[]): Promise<string | undefined> {
  const request = await requestOf(handoffOf(text, recipients), "token", "outbound");
  if ("path" in request) return undefined;
  assert.deepEqual([request.kind, request.scope, request.cause], ["rejected", "account", "not-expressible"]);
  return request.diagnostic;
}

const HEAD = "From: news@acme.example\n";

test("the call: path, token, our ids, the stream, tracking off", async () => {
  const handoff = handoffOf(`${HEAD}To: a@example.net\nSubject: Hi\nDate: Tue, 1 Jan 2026 00:00:00 +0000\n\nhi\n`, [
    "a@example.net",
  ]);
  const request = await requestOf(handoff, "the-token", "security");
  assert.ok("path" in request);
  assert.equal(request.path, "/email");
  assert.equal(request.headers?.["x-postmark-server-token"], "the-token");
  const email = JSON.parse(String(request.body)) as PostmarkEmail;
  assert.deepEqual(
    { ...email, TextBody: email.TextBody?.trim() },
    {
      From: "news@acme.example",
      To: "a@example.net",
      Subject: "Hi",
      TextBody: "hi",
      Headers: [],
      Metadata: { postern_attempt: handoff.attemptId, postern_id: handoff.spoolId },
      MessageStream: "security",
      TrackOpens: false,
      TrackLinks: "None",
    },
  );
});

test("names are quoted, so that a comma or a bracket in one makes no second recipient", async () => {
  const email = await emailOf(
    `From: =?utf-8?Q?J=C3=BCrg_=22the_boss=22=2C_evil=40x.example?= <news@acme.example>\nTo: "Doe, <Jane>" <a@example.net>\nReply-To: h@acme.example\n\nhi\n`,
    ["a@example.net"],
  );
  assert.equal(email.From, '"Jürg \\"the boss\\", evil@x.example" <news@acme.example>');
  assert.equal(email.To, '"Doe, <Jane>" <a@example.net>');
  assert.equal(email.ReplyTo, "h@acme.example");
});

test("everybody it sends to is a recipient of this hand-off, and in one place only", async () => {
  const text = `${HEAD}To: A@example.net\nCc: b@example.net\n\nhi\n`;
  const email = await emailOf(text, ["a@example.net", "b@example.net", "c@example.net", "d@example.net"]);
  assert.deepEqual([email.To, email.Cc, email.Bcc], ["a@example.net", "b@example.net", "c@example.net, d@example.net"]);
  const single = await emailOf(`${HEAD}\nhi\n`, ["c@example.net"]);
  assert.deepEqual([single.To, single.Cc, single.Bcc], ["c@example.net", undefined, undefined]);
  assert.match((await obstacleOf(text, ["a@example.net"])) ?? "", /names others than the recipients/);
  const twice = await emailOf(`${HEAD}To: a@example.net, A@example.net\nCc: a@example.net\n\nhi\n`, ["a@example.net"]);
  assert.deepEqual([twice.To, twice.Cc, twice.Bcc], ["a@example.net", undefined, undefined]);
  assert.match((await obstacleOf(`${HEAD}\nhi\n`, ["a@example.net", "b@example.net"])) ?? "", /without one in To/);
});

test("attachments: what the HTML shows has its content id, the rest has none", async () => {
  const email = await emailOf(
    `${HEAD}To: a@example.net
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: multipart/related; boundary=r

--r
Content-Type: text/html

<img src="cid:logo">
--r
Content-Type: image/png; name=logo.png
Content-ID: <logo>
Content-Disposition: inline
Content-Transfer-Encoding: base64

iVBORw==
--r--
--m
Content-Type: application/pdf
Content-ID: <x>
Content-Disposition: attachment
Content-Transfer-Encoding: base64

JVBERg==
--m--
`,
    ["a@example.net"],
  );
  assert.equal(email.HtmlBody?.trim(), '<img src="cid:logo">');
  assert.equal(email.TextBody, undefined);
  assert.deepEqual(email.Attachments, [
    { Name: "logo.png", Content: "iVBORw==", ContentType: "image/png", ContentID: "cid:logo" },
    { Name: "attachment-2", Content: "JVBERg==", ContentType: "application/pdf" },
  ]);
});

test("what its fields cannot express is refused by name", async () => {
  const to = ["a@example.net"];
  for (const [text, said] of [
    [`${HEAD}To: a@example.net\n\n`, /without text and HTML/],
    [`${HEAD}To: a@example.net\nX-PM-Message-Stream: other\n\nhi\n`, /the field X-PM-Message-Stream/],
    [`${HEAD}To: a@example.net\nSubject: =?utf-8?Q?a=0D=0ABcc:_x?=\n\nhi\n`, /subject with control/],
    [`${HEAD}To: =?utf-8?Q?a=0D=0Ab?= <a@example.net>\n\nhi\n`, /name with control/],
    [`${HEAD}To: a@example.net\nReply-To: "a b"@acme.example\n\nhi\n`, /address of this form/],
    [`${HEAD}To: a@example.net\nSubject: ${"x".repeat(2_001)}\n\nhi\n`, /more than 2000 characters/],
    [`${HEAD}To: a@example.net\nContent-Type: multipart/signed; boundary=o\n\n--o--\n`, /multipart\/signed/],
  ] as const) {
    assert.match((await obstacleOf(text, to)) ?? "none", said);
  }
});

test("a domain of other scripts goes as its A-label", async () => {
  const handoff = handoffOf(`${HEAD}\nhi\n`, ["a@bücher.example"]);
  const request = await requestOf(handoff, "token", "outbound");
  assert.ok("path" in request);
  assert.equal((JSON.parse(String(request.body)) as PostmarkEmail).To, "a@xn--bcher-kva.example");
});
