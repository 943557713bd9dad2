import assert from "node:assert/strict";
import { test } from "node:test";
import { Shares } from "./shares.ts";

test("all together stay within the bound, and a lone message always fits", () => {
  const shares = new Shares(100, 20);
  assert.ok(shares.take("acme", 500), "alone");
  assert.equal(shares.take("other", 1), false);
  assert.ok(shares.take("acme", 500, 500), "and as it grows");
  shares.give("acme", 1_000);
  assert.equal(shares.used, 0);
  for (const who of ["a", "b", "c"]) assert.ok(shares.take(who, 33));
  assert.equal(shares.take("d", 2), false);
});

test("a tenant that takes all it can get leaves the others room for a message of the greatest size", () => {
  const shares = new Shares(100, 20);
  while (shares.take("acme", 7));
  assert.ok(shares.take("other", 20));
  assert.equal(shares.take("acme", 7), false);
  shares.give("acme", 7);
  assert.ok(shares.take("acme", 7));
});

test("where the bound holds few messages of the greatest size, nobody takes more than half of it", () => {
  const shares = new Shares(100, 80);
  assert.ok(shares.take("acme", 30));
  assert.equal(shares.take("acme", 30), false);
  assert.ok(shares.take("other", 50));
});
