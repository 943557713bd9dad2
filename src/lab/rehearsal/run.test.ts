import assert from "node:assert/strict";
import { test } from "node:test";
import type { Findings } from "./invariants/check.ts";
import { merged, reportOf } from "./run.ts";
import type { Threshold } from "./scenario.ts";

const FINE: Findings = { I1: [], I2: [], I3: [], I4: [], I5: [], I6: [] };
const within: Threshold = { name: "p95", value: (all) => all.p95("downS"), limit: 60 };
const samples = [
  { downS: [30, 50], found: [1] },
  { downS: [40], found: [1] },
  { downS: [], found: [0] },
];

test("observations of all seeds are taken together", () => {
  const all = merged(samples);
  assert.deepEqual(all.of("downS"), [30, 40, 50]);
  assert.deepEqual([all.mean("downS"), all.p95("downS"), all.most("downS"), all.sum("found")], [40, 50, 50, 2]);
  assert.equal(all.quantile("downS", 0.5), 40);
  assert.ok(Number.isNaN(all.most("nothing")));
});

test("it holds only where every threshold and every invariant does", () => {
  const report = (thresholds: Threshold[], findings: Findings[] = [FINE]) =>
    reportOf({ name: "S99", thresholds }, 3, samples, findings);
  const fine = report([within]);
  assert.deepEqual(fine.thresholds, [{ name: "p95", limit: 60, value: 50, holds: true }]);
  assert.deepEqual(fine.measurements["downS"], { count: 3, mean: 40, p50: 40, p95: 50, most: 50 });
  assert.deepEqual([fine.scenario, fine.seeds, fine.holds], ["S99", 3, true]);
  assert.equal(report([within, { ...within, limit: 49 }]).holds, false);
  assert.equal(report([{ ...within, atLeast: true }]).holds, false);
  const broken = report([within], [FINE, { ...FINE, I3: ["a planted secret"] }]);
  assert.deepEqual([broken.invariants.I3, broken.invariants.I1, broken.holds], [false, true, false]);
});

test("what was not measured does not hold, whichever way its limit lies", () => {
  const unmeasured: Threshold = { name: "nothing", value: (all) => all.most("nothing"), limit: 1 };
  for (const one of [unmeasured, { ...unmeasured, atLeast: true as const }])
    assert.equal(reportOf({ name: "S99", thresholds: [one] }, 3, samples, [FINE]).holds, false);
});
