import assert from "node:assert/strict";
import { test } from "node:test";
import { startApp } from "../../src/app.ts";
import { SCENARIOS, type Scenario, type Report, reportOf, runSeed } from "../../src/lab/rehearsal/index.ts";
import { freshDatabase } from "../support/postgres.ts";

async function rehearsed(scenario: Scenario, seeds: readonly number[]): Promise<Report> {
  const place = await freshDatabase();
  try {
    const rans = [];
    for (const seed of seeds) rans.push(await runSeed(scenario, seed, { startApp, target: place.target }));
    return reportOf(
      scenario,
      seeds.length,
      rans.map(({ sample }) => sample),
      rans.map(({ findings }) => findings),
    );
  } finally {
    await place.drop();
  }
}

const named = (name: string): Scenario => SCENARIOS.find((one) => one.name === name)!;

test("a black hole is found in time through each vendor that may carry the mail (S04)", async () => {
  const report = await rehearsed(named("S04"), [1, 2, 3, 4, 5]);
  assert.ok(report.holds, JSON.stringify(report, null, 1));
});

test("a filter that swallows resets alone costs the stream of resets its provider, and no other (S07)", async () => {
  const report = await rehearsed(named("S07"), [1, 2]);
  assert.ok(report.holds, JSON.stringify(report, null, 1));
});

test("a liar is quarantined whatever word its log has for it, and what it swallowed arrives (S09)", async () => {
  const report = await rehearsed(named("S09"), [1, 5]);
  assert.ok(report.holds, JSON.stringify(report, null, 1));
});

test("a rehearsal can fail: with nobody to stand in, what a suspended account holds goes nowhere", async () => {
  const alone = { ...named("S03"), plan: { providers: ["mandrill"] as const } };
  const report = await rehearsed(alone, [1]);
  assert.equal(report.holds, false);
  const broken = report.thresholds.filter(({ holds }) => !holds).map(({ name }) => name);
  assert.deepEqual(broken, ["what it held was handed off elsewhere, s"]);
});

test("the same seed tells the same", async () => {
  const told = [await rehearsed(named("S03"), [3]), await rehearsed(named("S03"), [3])];
  assert.deepEqual(told[0], told[1]);
});
