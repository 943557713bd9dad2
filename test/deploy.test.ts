import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { createExporter } from "../src/metrics/index.ts";

const read = (file: string): string => readFileSync(path.join(import.meta.dirname, "../deploy", file), "utf8");

type Rule = { alert: string; expr: string; labels: { severity: string }; annotations: { summary: string } };
const { groups } = parse(read("prometheus/postern.rules.yaml")) as { groups: { name: string; rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

type Panel = { title: string; type: string; targets?: { expr: string }[] };
const dashboard = JSON.parse(read("grafana/postern.json")) as {
  panels: Panel[];
  templating: { list: { name: string; query: string | { query: string } }[] };
};
const questions = [
  ...dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ of: title, expr }))),
  ...dashboard.templating.list.map(({ name, query }) => ({
    of: `$${name}`,
    expr: typeof query === "string" ? query : query.query,
  })),
];
const expressions = [...rules.map(({ alert, expr }) => ({ of: alert, expr })), ...questions];

/** What is exported, and with which labels (docs/metrics.md is held against the exporter by a test of its own). */
async function exported(): Promise<Map<string, Set<string>>> {
  const page = readFileSync(path.join(import.meta.dirname, "../docs/metrics.md"), "utf8");
  const labels = new Map(
    [...page.matchAll(/^\| `(\w+)` +\| ([^|\n]*)\|/gm)].map(([, name, cell]) => [
      name!,
      new Set([...cell!.matchAll(/`(\w+)`/g)].map(([, label]) => label!)),
    ]),
  );
  const known = new Map<string, Set<string>>();
  for (const [, name, type] of (await createExporter().text()).matchAll(/^# TYPE (postern_\w+) (\w+)$/gm))
    for (const series of type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name!])
      known.set(series, new Set([...(labels.get(name!) ?? []), ...(series.endsWith("_bucket") ? ["le"] : [])]));
  return known;
}

/** Names of metrics with the labels that are asked of them. */
const asked = (expr: string): { name: string; labels: string[] }[] =>
  [...expr.matchAll(/(postern_\w+)(?:\{([^}]*)\})?/g)].map(([, name, within = ""]) => ({
    name: name!,
    labels: [...within.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label!),
  }));
/** Of "by (…)": a label that none of the metrics in the expression has, and that Prometheus does not add. */
const grouped = (expr: string): string[] =>
  [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, within]) => within!.split(",").map((one) => one.trim()));

describe("deploy/", () => {
  test("every metric and label that a rule or a panel names is exported", async () => {
    const known = await exported();
    for (const { of, expr } of expressions)
      for (const { name, labels } of asked(expr)) {
        assert.ok(known.has(name), `${of} asks for ${name}, which is not exported`);
        for (const label of labels) assert.ok(known.get(name)!.has(label), `${of}: ${name} has no label ${label}`);
      }
  });

  test("every label that is grouped by is one of the metrics' own", async () => {
    const known = await exported();
    for (const { of, expr } of expressions) {
      const own = new Set(["instance", ...asked(expr).flatMap(({ name }) => [...known.get(name)!])]);
      for (const label of grouped(expr)) assert.ok(own.has(label), `${of} groups by ${label}`);
    }
  });

  test("a name that is not exported would be found", async () => {
    const known = await exported();
    assert.deepEqual(
      asked('rate(postern_no_such_total{a="1"}[5m])').filter(({ name }) => !known.has(name)),
      [{ name: "postern_no_such_total", labels: ["a"] }],
    );
    assert.deepEqual(grouped("sum by (a, le) (x)"), ["a", "le"]);
  });

  test("rules have names of their own, a severity and a sentence that names only labels of theirs", () => {
    assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length);
    for (const { alert, expr, labels, annotations } of rules) {
      assert.match(alert, /^Postern[A-Z]/);
      assert.match(labels.severity, /^(?:page|ticket)$/, alert);
      const own = new Set(grouped(expr));
      for (const [, label] of annotations.summary.matchAll(/\$labels\.(\w+)/g))
        assert.ok(own.has(label!), `${alert} tells ${label}, which it does not keep`);
    }
  });

  test("the rules on budgets are those that the program itself rings by", async () => {
    const { BURN_ALARMS } = await import("../src/slo/burn.ts");
    for (const { long, short, rate } of BURN_ALARMS)
      assert.ok(
        rules.some(({ expr }) => {
          const met = [...expr.matchAll(/window="(\w+)"\}\) > ([\d.]+)/g)].map(([, window, at]) => [
            window,
            Number(at),
          ]);
          return (
            JSON.stringify(met) ===
            JSON.stringify([
              [long, rate],
              [short, rate],
            ])
          );
        }),
        `no rule for ${long} and ${short} above ${rate}`,
      );
  });
});
