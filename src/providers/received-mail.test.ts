import assert from "node:assert/strict";
import { test } from "node:test";
import { type NoticeKind, readerOfRecording } from "./webhooks.ts";
import { partsAt } from "./recorded-webhooks-for-tests.ts";

const NONE = { key: null, basic: null, topicArn: null };
const TO = "in@mail.example";

/** What each service sends of mail that it took in. */
const RECEIVED: [kind: NoticeKind, told: unknown][] = [
  ["brevo", { items: [{ Uuid: ["u1"], Recipients: [TO], SentAtDate: "Wed, 25 Nov 2026 09:00:00 +0000" }] }],
  ["mailjet", { Sender: "a@b.example", Recipient: TO, Headers: {}, Parts: [] }],
  ["sparkpost", [{ msys: { relay_message: { rcpt_to: TO, msg_from: "a@b.example", content: {} } } }]],
  ["postmark", { FromFull: {}, OriginalRecipient: TO, MessageID: "m1", Headers: [] }],
  ["postmark", { RecordType: "Inbound", OriginalRecipient: TO, MessageID: "m1" }],
];

async function read(kind: NoticeKind, body: Buffer, type = "application/json") {
  const request = { method: "POST", url: "https://p.example/w", headers: { "content-type": type }, body };
  const answer = await readerOfRecording(kind, [NONE], false).read(request, NONE, partsAt(0));
  assert.ok(answer.kind === "events", JSON.stringify(answer));
  return answer.events;
}

for (const [kind, told] of RECEIVED) {
  test(`${kind} tells of mail that came in`, async () => {
    const [event, ...others] = await read(kind, Buffer.from(JSON.stringify(told)));
    assert.equal(others.length, 0);
    assert.deepEqual([event?.type, event?.recipient, event?.spoolId], ["inbound", TO, null]);
  });
}

test("sendgrid tells of it by a form, and one that is no mail is refused", async () => {
  const form = (name: string, value: string) =>
    Buffer.from(`--xYzZY\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n--xYzZY--\r\n`);
  const type = "multipart/form-data; boundary=xYzZY";
  const [event] = await read("sendgrid", form("envelope", JSON.stringify({ to: [TO], from: "a@b.example" })), type);
  assert.deepEqual([event?.type, event?.recipient], ["inbound", TO]);
  await assert.rejects(read("sendgrid", form("anything", "else"), type), /no mail of the Inbound Parse/);
});

test("a notice without an event is not taken for mail that came in", async () => {
  for (const kind of ["brevo", "mailjet", "postmark"] as const) {
    assert.equal((await read(kind, Buffer.from("{}")))[0]?.type, "unknown", kind);
  }
});
