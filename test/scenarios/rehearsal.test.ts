import assert from "node:assert/strict";
import { test } from "node:test";
import { startApp } from "../../src/app.ts";
import { SCENARIOS, reportOf, runSeed } from "../../src/lab/rehearsal/index.ts";
import { freshDatabase } from "../support/postgres.ts";

test("the whole program is rehearsed on a virtual clock: five minutes with a suspension in some seconds (S03)", async (t) => {
  const place = await freshDatabase();
  try {
    const scenario = SCENARIOS.find(({ name }) => name === "S03")!;
    const ran = await runSeed(scenario, 1, { startApp, target: place.target });
    const report = reportOf(scenario, 1, [ran.sample], [ran.findings]);
    assert.ok(report.holds, JSON.stringify(report, null, 1));
    assert.ok(ran.virtualMs > 4 * 60_000 && ran.sample["messages"]![0]! > 5);
    t.diagnostic(`${Math.round(ran.virtualMs / 1_000)} virtual seconds in ${(ran.realMs / 1_000).toFixed(1)} s`);
  } finally {
    await place.drop();
  }
});
