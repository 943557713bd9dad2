import assert from "node:assert/strict";
import { test } from "node:test";
import { ASSUMED, type Assumed } from "../../judge/index.ts";
import { assumedWith } from "../../standing/index.ts";
import { loweredTooFar, meaningOf } from "./meaning.ts";

test("more mail is sooner missed, and slower latencies later", () => {
  const after = (perMinute: number, assumed: Assumed = ASSUMED): number =>
    meaningOf(assumed, perMinute).suspectedAfterS!;
  assert.ok(after(60) < after(10) && after(10) < after(1));
  assert.ok(after(10, assumedWith({ priorMedianMs: 10_000, priorP95Ms: 90_000 })) > after(10));
  assert.equal(meaningOf(ASSUMED, 0.001).suspectedAfterS, null);
});

test("suspicions by chance are as many as were affordable", () => {
  assert.ok(Math.abs(meaningOf(ASSUMED, 10).suspicionsPerYear / ASSUMED.suspectsPerProviderYear - 1) < 0.01);
});

test("a threshold that would fall by more than a fifth is told, one that rises or hardly falls is not", () => {
  const rates = { harbour: 10 };
  assert.deepEqual(loweredTooFar(ASSUMED, assumedWith({ correlation: 0.1 }), rates), []);
  assert.deepEqual(loweredTooFar(ASSUMED, assumedWith({ missAsUsual: 0.021 }), rates), []);
  const [lowered] = loweredTooFar(ASSUMED, assumedWith({ correlation: 0 }), rates);
  assert.deepEqual([lowered?.provider, lowered?.what], ["harbour", "downNats"]);
  assert.ok(lowered!.becomes < lowered!.was * 0.8);
});
