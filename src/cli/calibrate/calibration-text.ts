import type { Figure, Fit } from "../../respond/index.ts";
import type { Calibration } from "../../standing/index.ts";
import { table } from "../table.ts";
import { plural, span, when } from "../when.ts";
import type { Meanings } from "./index.ts";

type View = { fitted: Fit; meaning: Meanings; days: number; present: Calibration | null; now: number; columns: number };

const WORDS: Readonly<Record<Figure["name"], string>> = {
  neverConfirmed: "never confirmed",
  missAsUsual: "not confirmed in time",
  correlation: "company of misses (ρ)",
  canaryCorrelation: "company of canaries (ρ)",
  priorMedianMs: "latency of strangers, median",
  priorP95Ms: "latency of strangers, 95 %",
};
const isTime = (name: Figure["name"]): boolean => name.endsWith("Ms");
const shown = (name: Figure["name"], value: number): string =>
  isTime(name) ? span(value) : name.endsWith("orrelation") ? String(Number(value.toPrecision(3))) : percent(value);
const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;

/** What was found, what stands behind it, and what it would mean. */
export function calibrationText({ fitted, meaning, days, present, now, columns }: View): string {
  return [
    `The last ${days === 1 ? "day" : plural(days, "day")}, up to an hour ago: of what is younger somebody may still tell. ${
      present === null
        ? "Verdicts are made with what is assumed."
        : `Verdicts are made with calibration ${present.calibrationId}, by ${present.operator} ${when(present.madeAt, now)}.`
    }`,
    "",
    table(
      [
        { title: "FIGURE" },
        { title: "ASSUMED", align: "right" },
        { title: "FOUND", align: "right" },
        { title: "WHAT STANDS BEHIND IT", least: 20 },
      ],
      fitted.figures.map((one) => [
        WORDS[one.name],
        shown(one.name, one.was),
        one.found === null ? "–" : `${shown(one.name, one.found)}${one.bounded ? " (bound)" : ""}`,
        one.basis,
      ]),
      columns,
    ),
    ...groupLines(fitted, columns),
    ...meaningLines(fitted, meaning, columns),
  ].join("\n");
}

const GROUPS = 12;

function groupLines({ groups }: Fit, columns: number): string[] {
  if (groups.length === 0) return [];
  return [
    "",
    table(
      [
        { title: "PROVIDER" },
        { title: "RECEIVERS" },
        { title: "CONFIRMED", align: "right" },
        { title: "MEDIAN", align: "right" },
        { title: "95 %", align: "right" },
      ],
      groups
        .slice(0, GROUPS)
        .map(({ provider, group, messages, medianMs, p95Ms }) => [
          provider,
          group,
          messages.toLocaleString("en"),
          span(medianMs),
          span(p95Ms),
        ]),
      columns,
    ),
    ...(groups.length > GROUPS ? [`… and ${groups.length - GROUPS} more groups`] : []),
  ];
}

function meaningLines({ perMinute }: Fit, meaning: Meanings, columns: number): string[] {
  const rows = Object.entries(meaning);
  if (rows.length === 0) return ["", "No mail was handed off, so nothing follows from it."];
  const both = (was: string, becomes: string): string => (was === becomes ? was : `${was} → ${becomes}`);
  const time = (s: number | null): string => (s === null ? "over 1h" : `${s}s`);
  return [
    "",
    "What it means for each provider at its usual rate, by customers' mail alone (canaries are sooner):",
    "",
    table(
      [
        { title: "PROVIDER" },
        { title: "A MINUTE", align: "right" },
        { title: "SUSPECT AT", align: "right" },
        { title: "DOWN AT", align: "right" },
        { title: "SUSPECTED AFTER", align: "right" },
        { title: "BY CHANCE A YEAR", align: "right" },
      ],
      rows.map(([provider, { was, becomes }]) => [
        provider,
        String(perMinute[provider] ?? 0),
        both(was.suspectNats.toFixed(1), becomes.suspectNats.toFixed(1)),
        both(was.downNats.toFixed(1), becomes.downNats.toFixed(1)),
        both(time(was.suspectedAfterS), time(becomes.suspectedAfterS)),
        both(was.suspicionsPerYear.toFixed(0), becomes.suspicionsPerYear.toFixed(0)),
      ]),
      columns,
    ),
  ];
}
