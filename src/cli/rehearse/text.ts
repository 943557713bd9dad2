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
import { wrap } from "../text.ts";
import { plural, span } from "../when.ts";

const BARS = " ▏▎▍▌▋▊▉█";
const CHART_ROWS = 12;
const CHART_COLUMNS = 40;

/** A name and a title, and below them whole what it shows: cut, it would say nothing. */
export function listText(scenarios: readonly Scenario[], width: number, paint: Paint): string {
  const blocks = scenarios.map(({ name, title, shows }) =>
    [`${paint.strong(name)}  ${title}`, ...wrap(shows, width - 5).map((line) => `     ${line}`)].join("\n"),
  );
  return [...blocks, "Run one: postern rehearse S03 --seeds 3"].join("\n\n");
}

/** `lossFoundS` → `loss found, s` */
const measureWords = (name: string): string =>
  name
    .replace(/S$/, ", s")
    .replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replaceAll(/(?<=[a-z])(?=\d)/g, " ");

/** All that was found, for people. */
export function reportText(
  scenario: Scenario,
  report: Report,
  observed: Observed,
  rans: readonly Ran[],
  { paint, width, tookMs }: { paint: Paint; width: number; tookMs: number },
): string {
  const mark = (holds: boolean): string => (holds ? "holds" : "FAILS");
  const painted = (padded: string, cell: string): string => (cell === "holds" ? paint.good(padded) : paint.bad(padded));
  const measured = table(
    [
      { title: "Measured" },
      ...["count", "mean", "p50", "p95", "most"].map((title) => ({ title, align: "right" as const })),
    ],
    Object.entries(report.measurements).map(([name, { count, mean, p50, p95, most }]) => [
      measureWords(name),
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
  const virtualMs = rans.reduce((sum, one) => sum + one.virtualMs, 0);
  const effort = `${plural(report.seeds, "seed")}, ${span(virtualMs)} of virtual time in ${span(tookMs)}`;
  return [
    `${paint.strong(`${scenario.name}  ${scenario.title}`)}  ${paint.quiet(effort)}`,
    wrap(scenario.shows, width).join("\n"),
    measured,
    ...(chart && observed.count(chart.measurement) > 3 ? [histogram(observed, chart)] : []),
    held,
    invariants,
    ...(broken.length > 0 ? [broken.slice(0, FINDINGS_SHOWN).join("\n")] : []),
    report.holds ? paint.good("All of it holds.") : paint.bad(failText(scenario, report, rans)),
  ].join("\n\n");
}

const FINDINGS_SHOWN = 10;

/** What does not hold, and how to see it again. */
function failText({ name }: Scenario, { thresholds, invariants }: Report, rans: readonly Ran[]): string {
  const failed = [
    ...thresholds.filter(({ holds }) => !holds).map((one) => one.name),
    ...INVARIANTS.filter((one) => !invariants[one]),
  ];
  const broken = rans.find(({ findings }) => INVARIANTS.some((one) => findings[one].length > 0));
  const again = broken
    ? `\nThe first seed that broke one, again: postern rehearse ${name} --from ${broken.seed} --seeds 1`
    : "";
  return `Not all of it holds: ${failed.join("; ")}.${again}`;
}

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
    measureWords(measurement),
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
