import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import type { Resend } from "resend";
import { type CompatDoor, compatDoor } from "../../../../test/support/compat-door.ts";
import { API_KEY, refusal } from "../../../../test/support/http-door.ts";
import { STORY } from "../../../../test/support/message-story.ts";
import { turnsInBatch } from "../../../../test/support/turns-in-batch.ts";
import { registerResend } from "./index.ts";

let compat: CompatDoor;
let resend: Resend;
let wrongKey: Resend;
before(async () => {
  compat = await compatDoor(registerResend);
  process.env["RESEND_BASE_URL"] = compat.door.url; // the client reads it once, when it is loaded
  const { Resend: Client } = await import("resend");
  resend = new Client(API_KEY);
  wrongKey = new Client("re_wrong");
});
after(() => compat.door.stop());
afterEach(() => {
  compat.port.submissions.length = 0;
  compat.port.closed = null;
});

const EMAIL = {
  from: "Acme <app@acme.test>",
  to: ["ada@example.com"],
  subject: "Hello",
  html: "<p>Hi</p>",
  text: "Hi",
  replyTo: "help@acme.test",
  tags: [{ name: "kind", value: "welcome" }],
  attachments: [{ filename: "a.pdf", content: Buffer.from("pdf").toString("base64") }],
};

describe("the official client of Resend", () => {
  test("sends, and gets the id of the message", async () => {
    const { data, error } = await resend.emails.send(EMAIL);
    assert.equal(error, null);
    assert.match(data!.id, /^[0-9a-f-]{36}$/);
    const [submission] = compat.port.submissions;
    assert.deepEqual(submission!.tags, { kind: "welcome" });
    const text = submission!.raw.toString();
    assert.match(text, /\r\nReply-To: help@acme\.test\r\n/);
    assert.match(text, /Content-Type: application\/pdf\r\n/);
  });

  test("sends once under one idempotency key, and is refused when the email is another", async () => {
    const first = await resend.emails.send(EMAIL, { idempotencyKey: "k1" });
    const again = await resend.emails.send(EMAIL, { idempotencyKey: "k1" });
    assert.equal(again.data!.id, first.data!.id);
    assert.equal(compat.port.submissions.length, 1);
    const other = await resend.emails.send({ ...EMAIL, subject: "Other" }, { idempotencyKey: "k1" });
    assert.equal(other.error!.name, "invalid_idempotent_request");
  });

  test("sends a batch, of which nothing goes when one email is faulty", async () => {
    const { data } = await resend.batch.send([EMAIL, { ...EMAIL, to: ["bob@example.com"] }]);
    assert.equal(data!.data.length, 2);
    compat.port.submissions.length = 0;
    const faulty = await resend.batch.send([EMAIL, { ...EMAIL, to: ["nobody"] }]);
    assert.equal(faulty.error!.name, "validation_error");
    assert.equal(compat.port.submissions.length, 0);
  });

  test("reads what became of an email", async () => {
    compat.story.found = STORY;
    const { data } = await resend.emails.get(STORY.spoolId);
    assert.equal(data!.id, STORY.spoolId);
    compat.story.found = null;
    assert.equal((await resend.emails.get(STORY.spoolId)).error!.name, "not_found");
  });

  test("is told the dialect's own errors", async () => {
    assert.equal((await wrongKey.emails.send(EMAIL)).error!.name, "invalid_api_key");
    const scheduled = await resend.emails.send({ ...EMAIL, scheduledAt: "tomorrow at 9am" });
    assert.match(scheduled.error!.message, /scheduled_at.*ISO 8601/);
    compat.port.closed = refusal("disk-low", 503, 30);
    assert.match((await resend.emails.send(EMAIL)).error!.message, /disk-low/);
    compat.port.closed = null;
    compat.port.answers.push(refusal("author-not-allowed", 403));
    assert.equal((await resend.emails.send(EMAIL)).error!.name, "validation_error");
  });

  test("cannot put a line break into a header", async () => {
    const { error } = await resend.emails.send({ ...EMAIL, subject: "Hi\r\nBcc: eve@evil.test" });
    assert.equal(error!.name, "validation_error");
    assert.equal(compat.port.submissions.length, 0);
  });
});

const sendBatch = (emails: readonly unknown[]) => (url: string) =>
  fetch(`${url}/emails/batch`, {
    method: "POST",
    headers: { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" },
    body: JSON.stringify(emails),
  });

test("while the emails of a batch are read, others are served", async () => {
  const emails = Array.from({ length: 50 }, () => EMAIL);
  const { turns, submissions } = await turnsInBatch(registerResend, sendBatch(emails));
  assert.equal(submissions.length, 50);
  assert.ok(turns >= 50, `${turns} turns`);
});

test("what is no email at all is told as such", async () => {
  for (const one of [5, null, "x", []]) {
    const { answer } = await turnsInBatch(registerResend, sendBatch([one]));
    assert.equal(answer.status, 422, JSON.stringify(one));
  }
});
