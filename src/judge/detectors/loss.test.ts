import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fuzzRuns } from "../../../test/support/fuzz-runs.ts";
import { seededRandom } from "../../../test/support/seeded-random.ts";
import { atLeast, missesNeeded, runOfMisses } from "./beta-binomial.ts";
import { Cusum } from "./cusum.ts";
import { DeadlineBins } from "./deadline-bins.ts";
import { afterTrial, divergence, newSprt, trialsExpected } from "./sprt.ts";

const close = (a: number, b: number, share = 0.03) => assert.ok(Math.abs(a - b) <= share * b, `${a} is not near ${b}`);

test("misses in company are as probable as the published figures say", () => {
  close(runOfMisses(4, 0.02, 0), 1.6e-7);
  close(runOfMisses(4, 0.02, 0.01), 1.1e-6, 0.05);
  close(runOfMisses(4, 0.02, 0.05), 2.4e-5);
  close(runOfMisses(4, 0.02, 0.1), 1.2e-4, 0.05);
  close(atLeast(4, 5, 0.05, 0), 3.0e-5);
});

test("of five canaries four must miss", () => {
  assert.equal(missesNeeded({ trials: 5, miss: 0.05, correlation: 0.01, bound: 1 / 3_000 }), 4);
});

test("the chances of all counts add up to one, and a run of misses is the last of them", () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), share, share, (trials, miss, correlation) => {
      assert.ok(Math.abs(atLeast(0, trials, miss, correlation) - 1) < 1e-9);
      assert.ok(Math.abs(atLeast(trials, trials, miss, correlation) - runOfMisses(trials, miss, correlation)) < 1e-9);
    }),
    { numRuns: fuzzRuns() },
  );
});

test("a CUSUM is never below 0 nor above 2h, and says alarm from h until it is back at 0", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 400 }), (misses) => {
      const cusum = new Cusum(0.3, 0.02, 13);
      let alarmed = false;
      for (const missed of misses) {
        if (missed) cusum.miss();
        else cusum.hit();
        assert.ok(cusum.nats >= 0 && cusum.nats <= 26);
        if (cusum.nats >= 13) alarmed = true;
        if (cusum.nats === 0) alarmed = false;
        assert.equal(cusum.alarmed, alarmed);
      }
    }),
    { numRuns: fuzzRuns() },
  );
});

test("the wanted loss is found after about h ÷ KL messages, and none is found where all is as usual", () => {
  const random = seededRandom(7);
  const until = (loss: number, most: number): number => {
    const cusum = new Cusum(0.3, 0.02, 13);
    for (let n = 1; n <= most; n += 1) {
      if (random.fraction() < loss) cusum.miss();
      else cusum.hit();
      if (cusum.alarmed) return n;
    }
    return most;
  };
  const mean = Array.from({ length: 500 }, () => until(0.3, 10_000)).reduce((sum, n) => sum + n, 0) / 500;
  close(mean, 13 / divergence(0.3, 0.02), 0.25);
  assert.equal(until(0.01, 200_000), 200_000);
});

test("seconds become as many hits and misses as there were, late arrivals are misses", () => {
  const told = { hits: 0, misses: 0, late: 0 };
  const into = {
    hit: (count = 1) => void (told.hits += count),
    miss: () => void (told.misses += 1),
    late: () => void (told.late += 1),
  };
  const bins = new DeadlineBins(30_000);
  for (let at = 0; at < 100_000; at += 500) {
    bins.handedOff(at, into);
    if (at % 2_000 === 0) bins.confirmed(at, at + 3_000, into);
    if (at % 2_000 === 500) bins.confirmed(at, at + 30_001, into);
  }
  bins.settle(200_000, into);
  assert.deepEqual(told, { hits: 50, misses: 150, late: 0 });
  bins.confirmed(500, 300_000, into);
  assert.equal(told.late, 1, "and one that was told as a miss and comes at last takes it back");
});

test("events that come late all at once leave no alarm behind", () => {
  const cusum = new Cusum(0.3, 0.02, 13);
  for (let n = 0; n < 8; n += 1) cusum.miss();
  assert.equal(cusum.alarmed, true);
  for (let n = 0; n < 9; n += 1) cusum.late();
  assert.deepEqual([cusum.alarmed, cusum.nats], [false, 0]);
});

test("two in a hundred missing in each of many busy seconds is no alarm: misses are spread among the hits", () => {
  const cusum = new Cusum(0.3, 0.02, 13);
  const bins = new DeadlineBins(30_000);
  for (let second = 0; second < 120; second += 1)
    for (let n = 0; n < 1_000; n += 1) {
      bins.handedOff(second * 1_000, cusum);
      if (n >= 20) bins.confirmed(second * 1_000, second * 1_000, cusum);
    }
  bins.settle(1e6, cusum);
  assert.equal(cusum.alarmed, false);
});

test("a test on purpose keeps its promised errors, and ends about when it should", () => {
  const plan = { missAsUsual: 0.02, missUnderTest: 0.3, falseAlarm: 0.01, overlooked: 0.01 };
  const random = seededRandom(3);
  const end = (loss: number) => {
    let sprt = newSprt();
    while (sprt.answer === "undecided") sprt = afterTrial(sprt, random.fraction() < loss, plan);
    return sprt;
  };
  const lossy = Array.from({ length: 2_000 }, () => end(0.3));
  const healthy = Array.from({ length: 2_000 }, () => end(0.02));
  assert.ok(lossy.filter((one) => one.answer === "healthy").length <= 40);
  assert.ok(healthy.filter((one) => one.answer === "lossy").length <= 40);
  close(lossy.reduce((sum, one) => sum + one.trials, 0) / 2_000, trialsExpected(plan), 0.4);
  const ended = lossy[0]!;
  assert.equal(afterTrial(ended, true, plan), ended);
});
