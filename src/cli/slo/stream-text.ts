import type { Counted, Point, StreamAssurance } from "../../slo/index.ts";
import { table } from "../table.ts";
import { plural, span } from "../when.ts";
import { type View, budgetBar, budgetPaint, promise, rate, share, sparkline, took } from "./figures.ts";

/** One stream: what is promised, what is left of it, and how its hour and day went. */
export function streamText(one: StreamAssurance, { columns, paint }: View): string {
  const { kept, objective } = one;
  const { good, total } = kept.share;
  const late = total - good;
  const may = total * (1 - objective.target);
  const width = Math.max(10, Math.min(60, columns - 24));
  return [
    `${paint.strong(`${one.tenant}/${one.stream}`)}  ${one.class}  ${promise(one)}, over ${span(objective.windowMs)}`,
    total === 0
      ? "Nothing of it is decided yet."
      : `${plural(total, "message")} decided, ${share(good / total)} of them in time: ${late} late where ${Number(may.toFixed(1))} may be.`,
    `budget left  ${budgetPaint(paint, kept.budgetLeft)(budgetBar(kept.budgetLeft))}`,
    `burn rate    ${Object.entries(kept.burn)
      .map(([window, burn]) => `${window} ${rate(burn)}`)
      .join(" · ")}`,
    ...(kept.alarm
      ? [
          paint.bad(
            `alarm        ${kept.alarm.severity}: above ${kept.alarm.rate} over ${kept.alarm.long} and over ${kept.alarm.short}`,
          ),
        ]
      : []),
    "",
    ...curves("last hour", one.minutes, width),
    ...curves("last day", one.hours, width),
    "",
    table(
      [
        { title: "" },
        ...["MAIL", "HANDED OFF", "CONFIRMED", "P50", "P95", "P99"].map((title) => ({
          title,
          align: "right" as const,
        })),
      ],
      [
        ["hour", ...figures(one.hour)],
        ["day", ...figures(one.day)],
        ...one.providers.map(({ provider, day }) => [`day by ${provider}`, ...figures(day)]),
      ],
      columns,
    ),
  ].join("\n");
}

const curves = (name: string, points: readonly Point[], width: number): string[] => [
  `${name.padEnd(10)} mail  ${sparkline(
    points.map(({ accepted }) => (accepted === 0 ? null : accepted)),
    width,
  )}`,
  `${"".padEnd(10)} p95   ${sparkline(
    points.map(({ p95 }) => p95),
    width,
  )}`,
];

function figures({ accepted, handedOff, confirmed, latencies }: Counted): string[] {
  const { p50, p95, p99 } = latencies.confirmed.p50 === null ? latencies.handedOff : latencies.confirmed;
  return [String(accepted), String(handedOff), String(confirmed), took(p50), took(p95), took(p99)];
}
