import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fuzzRuns } from "../../test/support/fuzz-runs.ts";
import { backoffMs } from "./backoff.ts";

const drawing = (fraction: number) => ({ bytes: (size: number) => Buffer.alloc(size), fraction: () => fraction });
const middle = drawing(0.5); // no jitter

test("waits grow by the factor up to the greatest", () => {
  const schedule = { firstMs: 100, factor: 3, maxMs: 1_000, jitter: 0.2 };
  const waits = [1, 2, 3, 4, 50, 5_000].map((failures) => backoffMs(schedule, failures, middle));
  assert.deepEqual(waits, [100, 300, 900, 1_000, 1_000, 1_000]);
});

test("jitter spreads a wait by its share to both sides, never beyond", () => {
  const schedule = fc.record({
    firstMs: fc.integer({ min: 1, max: 10_000 }),
    factor: fc.double({ min: 1, max: 10, noNaN: true }),
    maxMs: fc.integer({ min: 10_000, max: 10_000_000 }),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(schedule, fc.integer({ min: 1, max: 100 }), draw, (given, failures, fraction) => {
      const planned = Math.min(given.maxMs, given.firstMs * given.factor ** (failures - 1));
      const wait = backoffMs(given, failures, drawing(fraction));
      assert.ok(Number.isInteger(wait) && wait >= 0);
      assert.ok(Math.abs(wait - planned) <= planned * given.jitter + 0.5);
    }),
    { numRuns: fuzzRuns() },
  );
});
