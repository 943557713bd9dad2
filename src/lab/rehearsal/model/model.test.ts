import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../../kernel/index.ts";
import { Agenda } from "./agenda.ts";
import { faults, flapping, relapsing } from "./faults.ts";
import { PLAIN, TROUBLED } from "./plan.ts";
import { soak } from "./soak.ts";
import { World } from "./world.ts";
import { poissonAtMost, soakAll, yearly } from "./years.ts";

/** States that anything moved to while a share was lost. */
function lossFor(seconds: number, loss: number, seed: number): string[] {
  const world = new World({ ...PLAIN, standby: true }, seededRandom(seed));
  for (let s = 0; s < 120; s += 1) world.second();
  world.fault = { at: world.now, loss };
  return Array.from({ length: seconds }, () => world.second().map(({ standing }) => standing.state)).flat();
}

const RUN = { runs: 5, patienceS: 300, seed: 1 };

test("the same seed gives the same figures, another one others", () => {
  const told = faults(PLAIN, { loss: 1 }, RUN);
  assert.deepEqual(faults(PLAIN, { loss: 1 }, RUN), told);
  assert.notDeepEqual(faults(PLAIN, { loss: 1 }, { ...RUN, seed: 2 }), told);
  assert.equal(told.down.found, 5);
});

test("where nothing is lost no fault is found, and a failover that is false is counted", () => {
  assert.equal(faults(PLAIN, { loss: 0 }, { ...RUN, patienceS: 60 }).down.found, 0);
  const stalls = { ...PLAIN.stalls, perDay: 20 };
  const blind = soak({ seed: 1, days: 2, plan: { ...PLAIN, canaries: false, stalls } });
  assert.ok(blind.failovers > 5, "webhooks that stall look like an outage to who has nothing else");
});

test("one stream that is swallowed is down alone, and its provider is not", () => {
  const { down } = faults(PLAIN, { loss: 1, stream: "acme/resets" }, RUN);
  assert.equal(down.found, 5);
});

test("of one that is known to lose a part no run of lost messages makes a failover, of a stream neither", () => {
  const soaked = [9, 10].flatMap((seed) => lossFor(1_800, 0.3, seed));
  assert.ok(soaked.includes("SUSPECT"));
  assert.ok(!soaked.includes("DOWN"));
});

test("a provider that lies is quarantined within a minute", () => {
  const { down } = faults({ ...PLAIN, standby: true }, { loss: 1, lies: true }, RUN);
  assert.ok(down.found === 5 && down.most <= 60);
});

test("a provider that comes and goes moves mail twice an hour at most", () => {
  const { mostInAnHour } = flapping(PLAIN, { badS: 90, goodS: 90, hours: 2 }, 1);
  assert.ok(mostInAnHour >= 1 && mostInAnHour <= 2);
});

test("one that comes back only to fail again falls twice, and then it is pinned", () => {
  const { downs, pinnedAfterS } = relapsing({ ...PLAIN, standby: true }, { hours: 2 }, 1);
  assert.ok(downs === 3 && pinnedAfterS !== null && pinnedAfterS < 3_600, `${downs} ${pinnedAfterS}`);
});

test("soaks in threads say what they say here, and the bound of no failover in twelve years is a quarter a year", async () => {
  const options = { seed: 3, days: 0.02, plan: TROUBLED };
  assert.deepEqual(await soakAll([options, options], 2), [soak(options), soak(options)]);
  assert.ok(Math.abs(poissonAtMost(0, 0.05) - 2.996) < 0.01);
  assert.ok(Math.abs(poissonAtMost(3, 0.05) - 7.754) < 0.01);
  const year = { ...soak(options), days: 365, failovers: 0, streamFailovers: 0 };
  assert.ok(Math.abs(yearly(Array.from({ length: 12 }, () => year)).failoversPerYearAtMost - 0.25) < 0.001);
});

test("what is due comes in the order of time", () => {
  const agenda = new Agenda<number>();
  for (let n = 0; n < 500; n += 1) agenda.add((n * 7_919) % 1_009, n);
  const came: number[] = [];
  for (let due = agenda.next(1_000); due; due = agenda.next(1_000)) came.push(due.at);
  assert.deepEqual(
    came,
    came.toSorted((a, b) => a - b),
  );
  assert.ok(came.length > 400 && came.every((at) => at < 1_000));
});
