import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock, systemRandom } from "../../../kernel/index.ts";
import { batchMadeAt, newBatchId } from "./batch-id.ts";
import { tagsOf } from "./labels.ts";
import type { SendGridMail } from "./read.ts";

test("a batch id is known to the tenant it was made for, and tells when", () => {
  const before = systemClock.now();
  const id = newBatchId("acme", systemClock, systemRandom);
  assert.ok(batchMadeAt("acme", id)! >= before);
  assert.equal(batchMadeAt("other", id), null);
  assert.equal(batchMadeAt("acme", id.slice(0, -1) + (id.endsWith("A") ? "B" : "A")), null);
});

test("of more labels than are kept the batch stays, and no custom argument takes its place", () => {
  const categories = Array.from({ length: 10 }, (_, n) => `c${n}`);
  const one = { to: [{ email: "ada@example.com" }], custom_args: { _batch: "mine", user: 7 } };
  const mail = { personalizations: [one], from: { email: "a@b.example" }, batch_id: "real" } as SendGridMail;
  assert.deepEqual(tagsOf(mail, one), { _batch: "real", user: "7" });
  const many = tagsOf({ ...mail, categories }, one);
  assert.deepEqual([Object.keys(many).length, many["_batch"]], [10, "real"]);
});
