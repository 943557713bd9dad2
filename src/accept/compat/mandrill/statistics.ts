import { HOUR_MS } from "../../../kernel/index.ts";
import { dateThere } from "./dates.ts";
import { type Happened, type Row, stateOf } from "./message-there.ts";

const NAMES = [
  "sent",
  "hard_bounces",
  "soft_bounces",
  "rejects",
  "complaints",
  "unsubs",
  "opens",
  "unique_opens",
  "clicks",
  "unique_clicks",
] as const;
export type Counts = Record<(typeof NAMES)[number], number>;

/** Told of one: what was tried counts as sent, and once more as what became of it. */
const OF_STATE: Readonly<Record<string, readonly (keyof Counts)[]>> = {
  sent: ["sent"],
  bounced: ["sent", "hard_bounces"],
  "soft-bounced": ["sent", "soft_bounces"],
  spam: ["sent", "complaints"],
  unsub: ["sent", "unsubs"],
  rejected: ["rejects"],
};

export function countsOf(rows: readonly Row[], happened: (row: Row) => Happened): Counts {
  const counts = Object.fromEntries(NAMES.map((name) => [name, 0])) as Counts;
  for (const row of rows) {
    const told = happened(row);
    for (const name of OF_STATE[stateOf(row, told)] ?? []) counts[name] += 1;
    const opens = told.filter(({ kind }) => kind === "message.opened").length;
    const clicks = told.filter(({ kind }) => kind === "message.clicked").length;
    counts.opens += opens;
    counts.unique_opens += Math.min(1, opens);
    counts.clicks += clicks;
    counts.unique_clicks += Math.min(1, clicks);
  }
  return counts;
}

/** By the hour in which messages were accepted, newest first; hours of which there is nothing to tell are left out. */
export function hourly(rows: readonly Row[], happened: (row: Row) => Happened): object[] {
  const hours = Map.groupBy(rows, ({ message }) => Math.floor(message.acceptedAt / HOUR_MS));
  return [...hours]
    .toSorted(([a], [b]) => b - a)
    .map(([hour, all]) => ({ time: dateThere(hour * HOUR_MS), ...countsOf(all, happened) }));
}
