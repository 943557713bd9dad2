import {
  INVARIANTS,
  INVARIANT_WORDS,
  type Observed,
  type Ran,
  type Report,
  type Scenario,
} from "../../lab/rehearsal/index.ts";
import type { Paint } from "../paint.ts";
import { table } from "../table.ts";

const BARS = " ▏▎▍▌▋▊▉█";
const CHART_ROWS = 12;
const CHART_COLUMNS = 40;

export function listText(scenarios: readonly Scenario[], width: number): string {
  return table(
    [{ title: "Name" }, { title: "Title", least: 20 }, { title: "Shows", least: 20 }],
    scenarios.map(({ name, title, shows }) => [name, title, shows]),
    width,
  );
}

/** All that was found, for people. */
export function reportText(
  scenario: Scenario,
  report: Report,
  observed: Observed,
  rans: readonly Ran[],
  { paint, width }: { paint: Paint; width: number },
): string {
  const mark = (holds: boolean): string => (holds ? "holds" : "FAILS");
  const painted = (padded: string, cell: string): string => (cell === "holds" ? paint.good(padded) : paint.bad(padded));
  const measured = table(
    [
      { title: "Measured" },
      ...["count", "mean", "p50", "p95", "most"].map((title) => ({ title, align: "right" as const })),
    ],
    Object.entries(report.measurements).map(([name, { count, mean, p50, p95, most }]) => [
      name,
      ...[count, mean, p50, p95, most].map(figure),
    ]),
    width,
  );
  const held = table(
    [
      { title: "Threshold", least: 20 },
      { title: "limit", align: "right" },
      { title: "value", align: "right" },
      { title: "", paint: painted },
    ],
    report.thresholds.map(({ name, limit, value, holds }) => [name, figure(limit), figure(value), mark(holds)]),
    width,
  );
  const invariants = table(
    [{ title: "Invariant" }, { title: "", least: 20 }, { title: "", paint: painted }],
    INVARIANTS.map((name) => [name, INVARIANT_WORDS[name], mark(report.invariants[name])]),
    width,
  );
  const broken = rans.flatMap(({ seed, findings }) =>
    INVARIANTS.flatMap((name) =>
      findings[name].slice(0, FINDINGS_SHOWN).map((found) => paint.bad(`seed ${seed}, ${name}: ${found}`)),
    ),
  );
  const { chart } = scenario;
  return [
    `${paint.strong(`${scenario.name}  ${scenario.title}`)}  ${paint.quiet(`${report.seeds} ${report.seeds === 1 ? "seed" : "seeds"}`)}`,
    scenario.shows,
    measured,
    ...(chart && observed.count(chart.measurement) > 3 ? [histogram(observed, chart)] : []),
    held,
    invariants,
    ...(broken.length > 0 ? [broken.slice(0, FINDINGS_SHOWN).join("\n")] : []),
    report.holds ? paint.good("All of it holds.") : paint.bad("Not all of it holds."),
  ].join("\n\n");
}

const FINDINGS_SHOWN = 10;

/** How observations are spread: a row for each of some equal spans, its bar as long as they are many. */
export function histogram(observed: Observed, { measurement, unit }: { measurement: string; unit: string }): string {
  const values = observed.of(measurement);
  const [from, to] = [Math.floor(values[0]!), Math.ceil(values.at(-1)!) || 1];
  const step = Math.max(1, Math.ceil((to - from) / CHART_ROWS));
  const counts = new Map<number, number>();
  for (const value of values) {
    const row = Math.floor((value - from) / step);
    counts.set(row, (counts.get(row) ?? 0) + 1);
  }
  const rows = Math.max(...counts.keys()) + 1;
  const most = Math.max(...counts.values());
  const label = (row: number): string => `${from + row * step}–${from + (row + 1) * step} ${unit}`;
  const labels = Array.from({ length: rows }, (_, row) => label(row));
  const wide = Math.max(...labels.map((one) => one.length));
  return [
    measurement,
    ...labels.map((one, row) => {
      const count = counts.get(row) ?? 0;
      return `${one.padStart(wide)} ${bar((count / most) * CHART_COLUMNS)} ${count === 0 ? "" : count}`.trimEnd();
    }),
  ].join("\n");
}

function bar(length: number): string {
  const whole = Math.floor(length);
  const rest = BARS[Math.round((length - whole) * 8)]!.trim();
  return "█".repeat(whole) + rest;
}

const figure = (value: number): string =>
  Number.isNaN(value) || value === null ? "–" : value.toLocaleString("en", { maximumFractionDigits: 3 });
