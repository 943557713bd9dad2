import assert from "node:assert/strict";
import { test } from "node:test";
import { systemRandom } from "./random.ts";

test("drawn bytes have the size asked for, whatever the pool holds, and never repeat", () => {
  const seen = new Set<string>();
  for (let n = 0; n < 5_000; n += 1) {
    const size = [16, 32, 4_095, 4_096][n % 4]!;
    const drawn = systemRandom.bytes(size);
    assert.equal(drawn.length, size);
    seen.add(drawn.subarray(0, 16).toString("hex"));
  }
  assert.equal(seen.size, 5_000);
});

test("draws larger than the pool, and of nothing, work too", () => {
  assert.equal(systemRandom.bytes(100_000).length, 100_000);
  assert.equal(systemRandom.bytes(0).length, 0);
});

test("a drawn Buffer is the caller's own: changing one changes no other draw", () => {
  const one = systemRandom.bytes(16);
  const two = systemRandom.bytes(16);
  const copy = Buffer.from(two);
  one.fill(0xff);
  assert.deepEqual(two, copy);
});

test("every value of a byte comes about equally often, and fractions fill [0, 1)", () => {
  const counts = Array.from({ length: 256 }, () => 0);
  const draws = 256 * 400;
  for (const byte of systemRandom.bytes(draws / 2)) counts[byte]! += 1;
  for (let n = 0; n < draws / 2 / 16; n += 1) for (const byte of systemRandom.bytes(16)) counts[byte]! += 1;
  // Chi-square with 255 degrees of freedom: above 400 comes once in 10⁸ runs of a fair source.
  const chiSquare = counts.reduce((sum, count) => sum + (count - 400) ** 2 / 400, 0);
  assert.ok(chiSquare < 400, `chi-square ${chiSquare}`);
  const fractions = Array.from({ length: 1_000 }, () => systemRandom.fraction());
  assert.ok(fractions.every((one) => one >= 0 && one < 1));
  assert.ok(Math.min(...fractions) < 0.05 && Math.max(...fractions) > 0.95);
});
