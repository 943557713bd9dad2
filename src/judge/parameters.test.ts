import assert from "node:assert/strict";
import { test } from "node:test";
import { ASSUMED, lossThreshold, parametersFor, threshold, thresholdCorrelated } from "./parameters.ts";

const near = (value: number, expected: number, by: number) =>
  assert.ok(Math.abs(value - expected) <= by, `${value} is not within ${by} of ${expected}`);

test("thresholds follow from rate and budget as they were worked out by hand", () => {
  // ln(14 · 525600 ÷ 300) and ln(14 · 525600) + ln 9: ten a minute and a canary every 15 s.
  const { suspectNats, burstMisses } = parametersFor(14);
  near(suspectNats, 10.1, 0.05);
  near(parametersFor(14, ASSUMED, 0).downNats, 18.0, 0.05);
  assert.equal(burstMisses, 4);
});

test("a CUSUM's threshold is near that of an exact computation, on the careful side", () => {
  const yearly = { perMinute: 10, alarmsPerYear: 1, tests: 1 };
  near(lossThreshold(yearly, 0.3, 0.02), 13.3, 1);
  near(lossThreshold(yearly, 0.1, 0.02), 12.3, 0.5);
  assert.ok(lossThreshold(yearly, 0.3, 0.02) >= 13.3);
});

test("more mail, more tests or a smaller budget raise a threshold; company of misses does too", () => {
  const one = { perMinute: 10, alarmsPerYear: 1, tests: 1 };
  assert.ok(threshold({ ...one, perMinute: 60 }) > threshold(one));
  assert.ok(threshold({ ...one, tests: 9 }) > threshold(one));
  assert.ok(threshold({ ...one, alarmsPerYear: 0.1 }) > threshold(one));
  const weight = -Math.log(0.005);
  const raised = [0, 0.01, 0.05, 0.1, 0.5].map((rho) => thresholdCorrelated(18, 0.005, rho, weight));
  assert.equal(raised[0], 18);
  for (let n = 1; n < raised.length; n += 1) assert.ok(raised[n]! >= raised[n - 1]!);
});

test("hardly any mail, and even none, has thresholds that can be reached", () => {
  for (const perMinute of [0, 0.01, 1e6]) {
    const { suspectNats, downNats } = parametersFor(perMinute);
    assert.ok(Number.isFinite(downNats) && suspectNats >= 5 && downNats >= suspectNats);
  }
});
