import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fuzzRuns } from "../../../test/support/fuzz-runs.ts";
import { ASSUMED } from "../parameters.ts";
import { BUCKETS, EDGES_MS, bucketOf } from "./edges.ts";
import { LatencyModel } from "./model.ts";
import { normalCdf, priorShares } from "./prior.ts";

const PLAN = { ...ASSUMED.latency, neverConfirmed: 0.005 };
const DAY = 86_400_000;

test("each age lies in the bucket whose edges are around it", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (age) => {
      const k = bucketOf(age);
      assert.ok(EDGES_MS[k]! <= age * (1 + 1e-9));
      if (k < BUCKETS - 1) assert.ok(age < EDGES_MS[k + 1]! * (1 + 1e-9));
    }),
    { numRuns: fuzzRuns() },
  );
  for (let k = 0; k < BUCKETS; k += 1) assert.equal(bucketOf(EDGES_MS[k]!), k);
});

test("before anything was seen it believes the prior", () => {
  const model = new LatencyModel(PLAN, 0);
  assert.ok(Math.abs(model.survival(PLAN.priorMedianMs) - 0.5) < 0.05);
  assert.ok(Math.abs(model.survival(PLAN.priorP95Ms) - 0.05) < 0.02);
  assert.equal(model.seen(0), 0);
  const sum = priorShares(PLAN).reduce((all, one) => all + one, 0);
  assert.ok(Math.abs(sum - 0.995) < 1e-6);
  assert.ok(Math.abs(normalCdf(1.6449) - 0.95) < 1e-4);
});

test("what was seen outweighs the prior, and ε stays the least", () => {
  const model = new LatencyModel(PLAN, 0);
  for (let n = 0; n < 20_000; n += 1) model.observe(1_000, n);
  assert.ok(model.survival(1_200) < 0.02);
  assert.ok(model.survival(500) > 0.97);
  assert.ok(Math.abs(model.survival(3e6) - 0.005) < 1e-9);
  assert.ok(model.ageAt(0.05) < 1_300);
});

test("many that never arrive raise the tail above ε", () => {
  const model = new LatencyModel(PLAN, 0);
  for (let n = 0; n < 10_000; n += 1) {
    if (n % 20 === 0) model.observeNever(n);
    else model.observe(1_000, n);
  }
  assert.ok(Math.abs(model.survival(3e6) - 0.05) < 0.005);
});

test("after fourteen days an observation counts half, after a year nothing, and the numbers stay finite", () => {
  const model = new LatencyModel(PLAN, 0);
  for (let n = 0; n < 1_000; n += 1) model.observe(1_000, 0);
  model.observe(1_000, 14 * DAY);
  assert.ok(Math.abs(model.seen(14 * DAY) - 501) < 0.01);
  for (let day = 15; day < 4_000; day += 1) model.observe(1_000, day * DAY);
  assert.ok(model.seen(4_000 * DAY) < 25 && model.seen(4_000 * DAY) > 15);
  assert.ok(model.curve().every(Number.isFinite));
});

test("survival never rises with age, whatever was seen", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e7, noNaN: true }), { maxLength: 200 }), (latencies) => {
      const model = new LatencyModel(PLAN, 0);
      for (const [n, latency] of latencies.entries()) model.observe(latency, n * 1_000);
      const curve = model.curve();
      assert.ok(curve[0] === 0 || Object.is(curve[0], -0));
      for (let k = 1; k < BUCKETS; k += 1) assert.ok(curve[k]! >= curve[k - 1]!);
    }),
    { numRuns: fuzzRuns(0.5) },
  );
});

test("a row read back is the same model, and written again the same row", () => {
  const observed = fc.array(fc.tuple(fc.double({ min: 0, max: 1e7, noNaN: true }), fc.nat(40)), { maxLength: 200 });
  fc.assert(
    fc.property(observed, (all) => {
      const model = new LatencyModel(PLAN, 0);
      for (const [latency, day] of all) model.observe(latency, day * DAY);
      if (all.length > 3) model.observeNever(40 * DAY);
      const row = model.toRow(41 * DAY);
      const again = LatencyModel.fromRow(JSON.parse(JSON.stringify(row)) as typeof row, PLAN);
      assert.deepEqual(again.toRow(41 * DAY), row);
      assert.ok(JSON.stringify(row).length < 1_600);
      for (const age of [1_000, 10_000, 100_000])
        assert.ok(Math.abs(again.survival(age) - model.survival(age)) < 0.02, `at ${age} ms`);
    }),
    { numRuns: fuzzRuns(0.5) },
  );
});

test("what no model wrote is refused", () => {
  for (const row of [
    { at: 0, never: 0, from: 150, counts: Array.from({ length: 60 }, () => 1) },
    { at: 0, never: -1, from: 0, counts: [] },
    { at: 0, never: 0, from: 0, counts: [Number.NaN] },
    { at: 0, never: 0, from: 0.5, counts: [1] },
  ])
    assert.throws(() => LatencyModel.fromRow(row, PLAN), RangeError);
});
