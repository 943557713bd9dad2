import assert from "node:assert/strict";
import { test } from "node:test";
import { SCENARIOS, merged, reportOf } from "../../lab/rehearsal/index.ts";
import { noPaint } from "../paint.ts";
import { histogram, listText, reportText } from "./text.ts";

const FINE = { I1: [], I2: [], I3: [], I4: [], I5: [], I6: [] };

test("every scenario has a name of its own and says what it shows", () => {
  assert.equal(new Set(SCENARIOS.map(({ name }) => name)).size, SCENARIOS.length);
  for (const { name, title, shows, thresholds } of SCENARIOS) {
    assert.match(name, /^S\d\d$/);
    assert.ok(title.length > 5 && shows.length > 40 && thresholds.length > 0, name);
  }
  const list = listText(SCENARIOS, 60, noPaint);
  assert.match(list, /^S04 +A silent black hole$/m);
  assert.ok(
    SCENARIOS.every(({ shows }) => list.replaceAll(/\s+/g, " ").includes(shows)),
    "nothing is cut",
  );
  assert.ok(list.split("\n").every((line) => line.length <= 60));
});

test("how observations are spread is drawn in equal spans, as long as they are many", () => {
  const observed = merged([{ downS: [10, 10.4, 11, 12, 30] }]);
  const lines = histogram(observed, { measurement: "downS", unit: "s" }).split("\n");
  assert.equal(lines[0], "down, s");
  assert.match(lines[1]!, /^10–12 s █+ 3$/);
  assert.match(lines.at(-1)!, /^30–32 s █+.? 1$/);
  assert.equal(lines.length, 12);
});

test("what does not hold is said, with the seed that shows it", () => {
  const scenario = { ...SCENARIOS[0]!, thresholds: [{ name: "most", value: () => 7, limit: 5 }] };
  const findings = { ...FINE, I2: ["m-1 arrived 3 times"] };
  const report = reportOf(scenario, 1, [{ downS: [7] }], [findings]);
  const ran = { seed: 17, sample: {}, findings, realMs: 1, virtualMs: 1 };
  const text = reportText(scenario, report, merged([{ downS: [7] }]), [ran], {
    paint: noPaint,
    width: 100,
    tookMs: 2_000,
  });
  assert.match(text, /^most +5 +7 +FAILS$/m);
  assert.match(text, /^seed 17, I2: m-1 arrived 3 times$/m);
  assert.match(text, /1 seed, 0\.001s of virtual time in 2s/);
  assert.match(text, /^Not all of it holds: most; I2\.\n.*again: postern rehearse S03 --from 17 --seeds 1$/m);
});
