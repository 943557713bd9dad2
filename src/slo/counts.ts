import { COUNT_EDGES_MS } from "./edges.ts";
import { type Within, nothingWithin, sum } from "./histogram.ts";

/** What counts as there: the receiving server's word, or where a provider tells nothing, the provider's own. */
export type Measure = "confirmed" | "handed-off";

/** What is counted of the mail of a stream that one provider took first ("": none has yet). */
export type Counts = {
  /** Without what could not arrive anywhere: suppressed, cancelled, to mailboxes that do not exist. */
  accepted: number;
  handedOff: number;
  confirmed: number;
  /** Refused for good, on grounds that are not the mailbox's. */
  failed: number;
  expired: number;
  /** Since accept. */
  handedOffWithin: Within;
  confirmedWithin: Within;
  /** Since hand-off. */
  legWithin: Within;
};
export type Place = { tenant: string; stream: string; class: number; provider: string };
export type CountRow = Place & { measure: Measure } & Counts;

const NUMBERS = ["accepted", "handedOff", "confirmed", "failed", "expired"] as const;
const HISTOGRAMS = ["handedOffWithin", "confirmedWithin", "legWithin"] as const;

export const noCounts = (): Counts => ({
  accepted: 0,
  handedOff: 0,
  confirmed: 0,
  failed: 0,
  expired: 0,
  handedOffWithin: nothingWithin(),
  confirmedWithin: nothingWithin(),
  legWithin: nothingWithin(),
});

export function add(one: Counts, other: Counts): Counts {
  const total = noCounts();
  for (const name of NUMBERS) total[name] = one[name] + other[name];
  for (const name of HISTOGRAMS) total[name] = sum(one[name], other[name]);
  return total;
}

/** Messages of one stream and provider that are alike, as the statement gives them. */
export type Alike = Place & {
  isFailed: boolean;
  isExpired: boolean;
  /** Before which of the edges (0: before the first, their number: after the last); null: not at all. */
  handedOffBefore: number | null;
  confirmedBefore: number | null;
  legBefore: number | null;
  /** How many there are; already times the share that was looked at. */
  count: number;
};

/** @returns one row for each stream and provider */
export function fold(groups: readonly Alike[], measureOf: (provider: string) => Measure): CountRow[] {
  const rows = new Map<string, CountRow>();
  for (const group of groups) {
    const { tenant, stream, class: messageClass, provider, count } = group;
    const key = JSON.stringify([tenant, stream, messageClass, provider]);
    const row = rows.get(key) ?? {
      tenant,
      stream,
      class: messageClass,
      provider,
      measure: measureOf(provider),
      ...noCounts(),
    };
    rows.set(key, row);
    row.accepted += count;
    if (group.isFailed) row.failed += count;
    if (group.isExpired) row.expired += count;
    if (group.handedOffBefore !== null) row.handedOff += count;
    if (group.confirmedBefore !== null) row.confirmed += count;
    row.handedOffWithin = sum(row.handedOffWithin, within(group.handedOffBefore, count));
    row.confirmedWithin = sum(row.confirmedWithin, within(group.confirmedBefore, count));
    row.legWithin = sum(row.legWithin, within(group.legBefore, count));
  }
  return [...rows.values()];
}

const within = (before: number | null, count: number): number[] =>
  COUNT_EDGES_MS.map((_, n) => (before !== null && n >= before ? count : 0));
