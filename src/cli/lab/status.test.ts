import assert from "node:assert/strict";
import { test } from "node:test";
import { figuresOf } from "./status.ts";

test("mail that a provider took and threw away is counted as not delivered, over SMTP and over an API", () => {
  const smtp = { delivered: 1_204, refused: 1, deferred: 2, withheld: 3, vanished: 4, untaken: 5 };
  assert.deepEqual(figuresOf({ kind: "smtp", counters: smtp }), ["1,204", "3", "12"]);
  const twin = { delivered: 2, refused: 0, notDelivered: 7, held: 0 };
  assert.deepEqual(figuresOf({ kind: "mandrill", counters: twin }), ["2", "0", "7"]);
});

test("what an account keeps and can let go is named beside it", () => {
  const counters = { delivered: 0, refused: 0, notDelivered: 7, held: 5 };
  assert.deepEqual(figuresOf({ kind: "mandrill", counters }), ["0", "0", "7 (5 held)"]);
});
