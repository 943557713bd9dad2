import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fuzzRuns } from "../../../test/support/fuzz-runs.ts";
import { ASSUMED } from "../parameters.ts";
import { LatencyModel } from "../latency/model.ts";
import { bucketOf } from "../latency/edges.ts";
import { AgeSurvival } from "./age-survival.ts";
import { Silence } from "./silence.ts";

const curve = new LatencyModel({ ...ASSUMED.latency, neverConfirmed: 0.005 }, 0).curve();
const CERTAIN = -Math.log(0.005);

test("a message that nobody confirms tells more as it ages, up to −ln ε", () => {
  const silence = new Silence(curve);
  silence.handedOff(0, curve);
  const told = [0, 1_000, 5_000, 30_000, 3_000_000].map((at) => silence.nats(at));
  assert.deepEqual(
    told.toSorted((a, b) => a - b),
    told,
  );
  assert.equal(told[0], 0);
  assert.ok(Math.abs(told.at(-1)! - CERTAIN) < 1e-3);
});

test("an arrival takes out what was sent before it, and leaves what was sent after", () => {
  const silence = new Silence(curve);
  for (const at of [0, 10_000, 20_000]) silence.handedOff(at, curve);
  silence.refuted(10_000);
  assert.equal(silence.open, 1);
  assert.equal(silence.sinceAt, 20_000);
  silence.refuted(20_000);
  assert.deepEqual([silence.open, silence.sinceAt, silence.nats(9e9)], [0, null, 0]);
});

test("kept step by step, Λ is the sum that its definition says, whatever comes in whatever order", () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("send" as const), after: fc.integer({ min: 0, max: 20_000 }) }),
    fc.record({ do: fc.constant("arrive" as const), back: fc.integer({ min: 0, max: 60_000 }) }),
    fc.record({ do: fc.constant("look" as const), after: fc.integer({ min: 0, max: 600_000 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const silence = new Silence(curve);
      let open: number[] = [];
      let now = 0;
      for (const one of steps) {
        if (one.do === "send") {
          now += one.after;
          silence.handedOff(now, curve);
          open.push(now);
        } else if (one.do === "arrive") {
          silence.refuted(now - one.back);
          open = open.filter((at) => at > now - one.back);
        } else now += one.after;
        const byDefinition = open.reduce((sum, at) => sum + curve[bucketOf(now - at)]!, 0);
        assert.ok(Math.abs(silence.nats(now) - byDefinition) < 1e-6, `${silence.nats(now)} is not ${byDefinition}`);
        assert.equal(silence.open, open.length);
      }
    }),
    { numRuns: fuzzRuns() },
  );
});

test("a million messages into silence stay in bounded memory, and their Λ stays what a full ring says", () => {
  const silence = new Silence(curve);
  for (let n = 0; n < 1_000_000; n += 1) silence.handedOff(n, curve);
  assert.equal(silence.open, 1_024);
  assert.equal(silence.sinceAt, 0, "the beginning is remembered though its messages left the ring");
  assert.ok(Math.abs(silence.nats(1e10) - 1_024 * CERTAIN) < 0.1);
});

test("a hand-off that is told late stands behind the newest and breaks nothing", () => {
  const silence = new Silence(curve);
  silence.handedOff(5_000, curve);
  silence.handedOff(4_000, curve);
  silence.refuted(4_500);
  assert.equal(silence.open, 2);
  silence.refuted(5_000);
  assert.equal(silence.open, 0);
});

test("the provider's silence is the sum of its groups', and one arrival anywhere refutes it", () => {
  const all = new AgeSurvival(ASSUMED.contributionNats);
  for (let at = 0; at < 60_000; at += 6_000) all.handedOff(at, at % 12_000 === 0 ? "gmail" : "microsoft", curve);
  const silent = all.at(120_000);
  assert.equal(silent.open, 10);
  assert.equal(silent.sinceAt, 0);
  assert.deepEqual(silent.groups.map(({ group }) => group).toSorted(), ["gmail", "microsoft"]);
  assert.ok(Math.abs(silent.nats - silent.groups.reduce((sum, { nats }) => sum + nats, 0)) < 1e-9);
  all.arrived(54_000);
  assert.deepEqual(all.at(120_000), { nats: 0, open: 0, sinceAt: null, groups: [] });
});

test("a group whose silence could be chance does not contribute", () => {
  const all = new AgeSurvival(ASSUMED.contributionNats);
  for (let at = 0; at < 60_000; at += 6_000) all.handedOff(at, "gmail", curve);
  all.handedOff(119_000, "microsoft", curve);
  assert.deepEqual(
    all.at(120_000).groups.map(({ group }) => group),
    ["gmail"],
  );
});
