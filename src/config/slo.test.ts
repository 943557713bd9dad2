import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HOUR_MS, MINUTE_MS } from "../kernel/index.ts";
import { GOOD, load, mistakesOf } from "./config-for-tests.ts";

const withSlo = (...objectives: string[]): string =>
  `${GOOD}slo:\n  objectives:\n${objectives.map((one) => `    - ${one}\n`).join("")}`;

describe("slo", () => {
  test("left out, there are no objectives beside the usual ones", () => {
    assert.deepEqual(load(GOOD).slo, { objectives: [] });
  });

  test("is of a stream of a tenant, or of a class", () => {
    const { objectives } = load(
      withSlo(
        "{ tenant: acme, stream: alerts, within: 60s, target: 0.999, window: 7d }",
        "{ class: C3, within: 2h, target: 0.9 }",
      ),
    ).slo;
    assert.deepEqual(objectives, [
      { tenant: "acme", stream: "alerts", class: null, withinMs: MINUTE_MS, target: 0.999, windowMs: 168 * HOUR_MS },
      { tenant: null, stream: null, class: "C3", withinMs: 2 * HOUR_MS, target: 0.9, windowMs: 720 * HOUR_MS },
    ]);
  });

  const MISTAKES: [objective: string, sentence: RegExp][] = [
    ["{ tenant: acme, within: 60s, target: 0.99 }", /must name either a stream or a class/],
    ["{ tenant: acme, stream: alerts, class: C2, within: 60s, target: 0.99 }", /must name either a stream or a class/],
    ["{ stream: alerts, within: 60s, target: 0.99 }", /a stream belongs to a tenant/],
    ["{ tenant: acne, class: C0, within: 60s, target: 0.99 }", /no tenant named acne. Did you mean acme/],
    ["{ tenant: acme, stream: alert, within: 60s, target: 0.99 }", /no stream named alert. Did you mean alerts/],
    ["{ class: C0, within: 61s, target: 0.99 }", /must be one of 1s, 2s, .*; it says 61s/],
    ["{ class: C0, within: 60s, target: 99 }", /must be between 0.5 and 0.9999/],
    ["{ class: C0, within: 60s, target: 0.99, window: 1h }", /must be between 1d and 90d/],
    ["{ class: C9, within: 60s, target: 0.99 }", /must be one of C0, C1/],
  ];
  for (const [objective, sentence] of MISTAKES)
    test(objective, () => assert.match(mistakesOf(withSlo(objective)).join("\n"), sentence));

  test("says that the same mail has two objectives", () => {
    const one = "{ class: C0, within: 60s, target: 0.99 }";
    assert.match(mistakesOf(withSlo(one, one)).join("\n"), /twice/);
  });
});
