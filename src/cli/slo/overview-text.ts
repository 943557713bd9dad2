import type { Assurance, ProviderAssurance } from "../../slo/index.ts";
import { painted } from "../provider/state-text.ts";
import { table } from "../table.ts";
import { span } from "../when.ts";
import { type View, budgetBar, budgetPaint, promise, rate, sparkline, took } from "./figures.ts";

const SPARK = 20;

/** Streams with their budgets, then providers. */
export function overviewText({ at, countedAt, streams, providers }: Assurance, { columns, paint }: View): string {
  if (countedAt === null) return "Nothing was counted yet. The node that leads counts mail once a minute.";
  const many = new Set(streams.map(({ tenant }) => tenant)).size > 1;
  const lefts = new Map(streams.map(({ kept }) => [budgetBar(kept.budgetLeft), kept.budgetLeft]));
  const ofStreams = table(
    [
      { title: "STREAM", least: 12 },
      { title: "PROMISE" },
      {
        title: "BUDGET LEFT",
        paint: (text, cell) => budgetPaint(paint, lefts.get(cell) ?? 1)(text),
      },
      { title: "BURN 1H", align: "right", paint: (text, cell) => (Number(cell) > 1 ? paint.warn(text) : text) },
      { title: "P50", align: "right" },
      { title: "P95", align: "right" },
      { title: "P95, LAST HOUR", least: 8 },
    ],
    streams.map((one) => {
      const { confirmed, handedOff } = one.hour.latencies;
      const times = confirmed.p50 === null ? handedOff : confirmed;
      return [
        many ? `${one.tenant}/${one.stream}` : one.stream,
        promise(one),
        one.kept.share.total === 0 ? "no mail yet" : budgetBar(one.kept.budgetLeft),
        rate(one.kept.burn["1h"]),
        took(times.p50),
        took(times.p95),
        sparkline(
          one.minutes.map(({ p95 }) => p95),
          SPARK,
        ),
      ];
    }),
    columns,
  );
  const alarms = streams.flatMap(({ tenant, stream, kept: { alarm, burn } }) =>
    alarm === null
      ? []
      : [
          (alarm.severity === "page" ? paint.bad : paint.warn)(
            `${tenant}/${stream} uses up its budget ${rate(burn[alarm.long])} times as fast as it may (over ${alarm.long}, and ${rate(burn[alarm.short])} over ${alarm.short}).`,
          ),
        ],
  );
  const ofProviders = table(
    [
      { title: "PROVIDER", least: 12 },
      { title: "STATE", paint: (text, state) => painted(paint, state)(text) },
      { title: "MAIL, 1H", align: "right" },
      { title: "P95", align: "right" },
      { title: "CANARIES, 24H", least: 16 },
    ],
    providers.map((one) => [
      one.provider,
      one.standing?.state ?? "HEALTHY",
      String(one.hour.accepted),
      took(one.hour.latencies.confirmed.p95 ?? one.hour.latencies.handedOff.p95),
      canaries(one),
    ]),
    columns,
  );
  const late =
    at - countedAt > LATE_MS ? paint.warn(`Counted last ${span(at - countedAt)} ago: does a node lead?`) : null;
  return [
    ofStreams,
    ...(alarms.length > 0 ? ["", ...alarms] : []),
    "",
    ofProviders,
    ...(late === null ? [] : ["", late]),
  ].join("\n");
}

const LATE_MS = 5 * 60_000;

function canaries({ canaries: all }: ProviderAssurance): string {
  if (all.length === 0) return "none";
  return all
    .map(({ receiver, sent, refused, arrived, spam, missed }) => {
      const others = [spam > 0 ? `${spam} spam` : "", missed > 0 ? `${missed} missed` : ""].filter((one) => one !== "");
      return `${receiver} ${arrived}/${sent - refused}${others.length > 0 ? ` (${others.join(", ")})` : ""}`;
    })
    .join(", ");
}
