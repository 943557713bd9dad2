import assert from "node:assert/strict";
import { test } from "node:test";
import { type EventFacts, payloadOf } from "./payload.ts";

const FACTS: EventFacts = {
  eventId: 1,
  spoolId: "019ab3c0-6e2f-7c1a-9d53-0f6a5e1b2c3d",
  tenant: "acme",
  kind: "message.rejected",
  at: 0,
  detail: { recipients: [0], cause: "no-such-user" },
  stream: "alerts",
  class: "C2",
  headerMessageId: "<m@acme.test>",
  author: "a@acme.test",
  returnPath: "b@acme.test",
  acceptedAt: 0,
  tags: {},
  recipients: ["alice@example.test"],
};

test("a long list of recipients is cut and its length told, so that a payload stays below 20 KB", () => {
  const recipients = Array.from({ length: 1_000 }, (_, n) => `${"r".repeat(240)}${n}@x.test`);
  const body = payloadOf({ ...FACTS, recipients });
  const { data } = JSON.parse(body.toString()) as { data: { recipients: string[]; recipientCount: number } };
  assert.equal(data.recipients.length, 50);
  assert.equal(data.recipientCount, 1_000);
  assert.ok(body.length < 20_000, `${body.length} bytes`);
});

test("the numbers of recipients stay inside; the rest of the detail goes out as it is", () => {
  const { data } = JSON.parse(payloadOf(FACTS).toString()) as { data: { detail: unknown } };
  assert.deepEqual(data.detail, { cause: "no-such-user" });
});
