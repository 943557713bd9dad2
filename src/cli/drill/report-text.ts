import { type Drill, type DrillReport, type ReportWindow, completeAt } from "../../drill/index.ts";
import type { Paint } from "../paint.ts";
import { table } from "../table.ts";
import { instant, plural, span, when } from "../when.ts";
import { chartLines } from "./chart.ts";

type View = { now: number; complete: boolean; columns: number; paint: Paint };

/** A drill and what it showed, for a person. */
export function drillText(drill: Drill, report: DrillReport, view: View): string {
  const { paint } = view;
  return [
    paint.strong(headline(drill, view.now)),
    `${drill.operator}: ${drill.reason}`,
    `${instant(drill.startedAt)}, ${scopeText(drill)}`,
    ...(drill.endedBecause === null ? [] : [endText(drill, paint)]),
    ...(drill.endedAt === null ? [] : [conclusion(drill, report, paint)]),
    "",
    ...speedLines(drill, report, paint),
    "",
    ...chartLines(drill, report, view.columns),
    "",
    flowTable(drill, report, view.columns),
    "",
    costTable(report, view.columns),
    ...(view.complete
      ? []
      : ["", paint.quiet(`Not complete: the time after it is looked at until ${instant(completeAt(drill))}.`)]),
  ].join("\n");
}

const headline = ({ drillId, provider, startedAt, endedAt }: Drill, now: number): string =>
  endedAt === null
    ? `Drill ${drillId}: ${provider} is withdrawn since ${span(now - startedAt)}`
    : `Drill ${drillId}: ${provider} was withdrawn for ${span(endedAt - startedAt)}, ${when(endedAt, now)}`;

const scopeText = ({ share, streams, startedAt, untilAt }: Drill): string =>
  `${share === 1 ? "all of its mail" : `${Math.round(share * 100)} % of its mail`}` +
  `${streams === null ? "" : ` of ${streams.join(", ")}`}, for ${span(untilAt - startedAt)} at most`;

function endText({ endedBy, endedBecause }: Drill, paint: Paint): string {
  const text = `Ended: ${endedBecause}`;
  return endedBy === "time" || endedBy === "operator" ? text : paint.warn(text);
}

/** What it showed, in a sentence: who opens a report a year later reads no table. */
function conclusion(
  { provider }: Drill,
  { during, before, twice, throughItAllTheSame }: DrillReport,
  paint: Paint,
): string {
  const carried = new Map<string, number>();
  for (const flow of during.flows)
    if (flow.provider !== provider && flow.accepted > 0)
      carried.set(flow.provider, (carried.get(flow.provider) ?? 0) + flow.accepted);
  const count = [...carried.values()].reduce((sum, one) => sum + one, 0);
  if (count === 0)
    return throughItAllTheSame > 0
      ? paint.bad(`Nobody stood in: ${plural(throughItAllTheSame, "message")} went through ${provider} all the same.`)
      : paint.warn("No mail came meanwhile, so it showed nothing. Repeat it while there is mail.");
  const by = [...carried]
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, n]) => (carried.size === 1 ? name : `${name} ${n}`));
  const sum = (what: "deferred" | "rejected" | "held" | "unknown"): number =>
    during.flows.reduce((total, flow) => total + flow[what], 0);
  const costs = [
    [sum("deferred"), "put off"],
    [sum("rejected"), "refused"],
    [sum("held"), "held"],
    [sum("unknown"), "of unknown end"],
    [twice, "sent twice"],
  ] as const;
  const cost = costs.filter(([n]) => n > 0).map(([n, words]) => `${n.toLocaleString("en")} ${words}`);
  const speed =
    during.handoffMs && before.handoffMs
      ? ` Handing off took ${span(during.handoffMs.p95)} (95 %), ${span(before.handoffMs.p95)} before.`
      : "";
  const text = `Others carried ${plural(count, "message")} meanwhile (${by.join(", ")}); ${cost.length === 0 ? "none was put off, refused, held or sent twice" : cost.join(", ")}.${speed}`;
  return cost.length === 0 ? paint.good(text) : paint.warn(text);
}

function speedLines(drill: Drill, report: DrillReport, paint: Paint): string[] {
  const { firstElsewhereMs, lastThroughItMs, throughItAllTheSame, backMs, twice } = report;
  const lines: [string, string][] = [
    ["first message elsewhere after", firstElsewhereMs === null ? "none went elsewhere" : span(firstElsewhereMs)],
  ];
  if (drill.share === 1)
    lines.push([
      `last through ${drill.provider} after`,
      lastThroughItMs === null
        ? "none went through it"
        : `${span(lastThroughItMs)}${throughItAllTheSame > 0 ? paint.warn(` (${throughItAllTheSame} went through it all the same: nobody else could take them)`) : ""}`,
    ]);
  if (drill.endedAt !== null)
    lines.push([`back through ${drill.provider} after`, backMs === null ? "no message yet" : span(backMs)]);
  lines.push(["sent twice", twice === 0 ? "none" : paint.bad(String(twice))]);
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

const WINDOWS = ["before", "during", "after"] as const;

function flowTable(drill: Drill, report: DrillReport, columns: number): string {
  const names = new Map<string, [provider: string, messageClass: string]>();
  for (const name of WINDOWS)
    for (const { provider, class: of } of report[name].flows) names.set(`${of} ${provider}`, [provider, of]);
  const taken = ({ flows }: ReportWindow, provider: string, of: string): string =>
    (flows.find((one) => one.provider === provider && one.class === of)?.accepted ?? 0).toLocaleString("en");
  const rows = [...names]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, [provider, of]]) => [
      of,
      provider === drill.provider ? `${provider} (withdrawn)` : provider,
      ...WINDOWS.map((name) => taken(report[name], provider, of)),
    ]);
  if (rows.length === 0) return "No message was handed off before, during or after it.";
  return table(
    [
      { title: "CLASS" },
      { title: "TAKEN BY", least: 12 },
      ...WINDOWS.map((name) => ({ title: `${name.toUpperCase()} ${lengthOf(report[name])}`, align: "right" as const })),
    ],
    rows,
    columns,
  );
}

const lengthOf = ({ fromAt, toAt }: ReportWindow): string => span(toAt - fromAt);

function costTable(report: DrillReport, columns: number): string {
  const sum = ({ flows }: ReportWindow, what: "deferred" | "rejected" | "held" | "unknown"): string =>
    flows.reduce((total, flow) => total + flow[what], 0).toLocaleString("en");
  const three = (one: ReportWindow["handoffMs"]): string =>
    one === null ? "–" : [one.p50, one.p95, one.p99].map(span).join("/");
  const row = (title: string, cell: (one: ReportWindow) => string): string[] => [
    title,
    ...WINDOWS.map((name) => cell(report[name])),
  ];
  return table(
    [{ title: "COST", least: 23 }, ...WINDOWS.map((name) => ({ title: name.toUpperCase(), align: "right" as const }))],
    [
      row("to hand-off, 50/95/99 %", (one) => three(one.handoffMs)),
      row("to delivery, 50/95/99 %", (one) => three(one.deliveryMs)),
      row("put off", (one) => sum(one, "deferred")),
      row("refused", (one) => sum(one, "rejected")),
      row("held", (one) => sum(one, "held")),
      row("end unknown", (one) => sum(one, "unknown")),
    ],
    columns,
  );
}
