import assert from "node:assert/strict";
import { test } from "node:test";
import { STATES } from "../judge/index.ts";
import { drillOf } from "./drill-for-tests.ts";
import { type GuardFacts, guardOf } from "./guard.ts";

const CALM: GuardFacts = {
  now: 60_000,
  standIns: [{ provider: "lantern", state: "HEALTHY" }],
  oldestCriticalMs: null,
  answers: 100,
  deferred: 0,
  rejected: 0,
  burn: null,
};
const endedBy = (change: Partial<GuardFacts>, drill = drillOf()) => guardOf(drill, { ...CALM, ...change })?.by ?? null;

test("while nothing happens a drill goes on until its time is over", () => {
  assert.equal(endedBy({}), null);
  assert.equal(endedBy({ now: 599_999 }), null);
  assert.equal(endedBy({ now: 600_000 }), "time");
});

test("a stand-in that is in doubt or worse ends it; one whose events alone are dark carries mail", () => {
  const ends = STATES.filter((state) => endedBy({ standIns: [{ provider: "lantern", state }] }) === "stand-in-fell");
  assert.deepEqual(ends, ["SUSPECT", "DOWN", "PROBING", "QUARANTINED", "PINNED_OFF"]);
});

test("critical mail that waits for more than half a minute ends it", () => {
  assert.equal(endedBy({ oldestCriticalMs: 30_000 }), null);
  assert.equal(endedBy({ oldestCriticalMs: 30_001 }), "critical-waits");
});

test("more than a tenth put off or refused ends it, of twenty answers at least", () => {
  assert.equal(endedBy({ deferred: 10 }), null);
  assert.equal(endedBy({ deferred: 11 }), "deferrals");
  assert.equal(endedBy({ rejected: 11 }), "rejections");
  assert.equal(endedBy({ answers: 19, deferred: 19 }), null);
});

test("an error budget that burns ends it", () => {
  assert.equal(endedBy({ burn: { name: "acme/resets", rate: 14 } }), null);
  const end = guardOf(drillOf(), { ...CALM, burn: { name: "acme/resets", rate: 20.04 } });
  assert.equal(end?.by, "budget-burns");
  assert.match(end!.because, /acme\/resets burnt 20 times/);
});

test("a person's word comes before all of it", () => {
  const drill = drillOf({ stopAskedBy: "grace" });
  assert.equal(endedBy({ deferred: 100, now: 600_000 }, drill), "operator");
});
