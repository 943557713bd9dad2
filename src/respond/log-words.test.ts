import assert from "node:assert/strict";
import { test } from "node:test";
import { saysDelivered } from "./log-words.ts";

test("what a log calls delivered is told in its vendor's own words", () => {
  assert.ok(saysDelivered("mandrill", "sent"), "it has no better word");
  assert.ok(saysDelivered("postmark", "Sent"));
  assert.ok(!saysDelivered("mailgun", "sent"));
  assert.ok(saysDelivered("mailgun", "delivered"));
  assert.ok(!saysDelivered("resend", "delivery_delayed"), "a delay is no delivery");
});
