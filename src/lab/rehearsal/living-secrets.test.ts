import assert from "node:assert/strict";
import { test } from "node:test";
import type { Submitted } from "./application.ts";
import { livingSecrets } from "./living-secrets.ts";
import type { World } from "./world.ts";

const message = (more: Partial<Submitted>): Submitted => ({
  stream: "resets",
  class: "C0",
  recipient: "reader1@example.net",
  at: 1_000,
  status: 202,
  id: "one",
  secret: "s",
  insteadOf: null,
  ...more,
});

test("a secret lives until its time is over or a newer one takes its place", () => {
  const first = message({});
  const second = message({ id: "two", at: 5_000, insteadOf: "one" });
  const settings = { tenants: [{ streams: [{ name: "resets", class: "C0", ttlMs: 10_000 }] }] };
  const isLiving = livingSecrets({ application: { sent: [first, second] }, settings } as unknown as World);
  assert.equal(isLiving(first, 4_999), true);
  assert.equal(isLiving(first, 5_000), false);
  assert.equal(isLiving(second, 14_999), true);
  assert.equal(isLiving(second, 15_000), false);
  assert.equal(isLiving(message({ secret: null }), 1_000), false);
});
