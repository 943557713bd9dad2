import assert from "node:assert/strict";
import { test } from "node:test";
import { addressList } from "./address-list.ts";

test("a list is parted at its commas, not at those in names", () => {
  assert.deepEqual(addressList('"Lovelace, Ada" <ada@example.com>,bob@example.com , ,'), [
    '"Lovelace, Ada" <ada@example.com>',
    "bob@example.com",
  ]);
  assert.deepEqual(addressList('"A \\", B" <a@example.com>, c@example.com'), [
    '"A \\", B" <a@example.com>',
    "c@example.com",
  ]);
  assert.deepEqual(addressList('"open, ended'), ['"open, ended'], "which is no address, and refused as one");
  assert.deepEqual(addressList(null), []);
});

test("a quote that never ends costs no more than any other text", () => {
  const long = '"' + '\\"'.repeat(2_000_000);
  const before = performance.now();
  assert.deepEqual(addressList(long), [long]);
  assert.ok(performance.now() - before < 2_000); // the time of one pass is some 50 ms; of one for each quote, hours
});
