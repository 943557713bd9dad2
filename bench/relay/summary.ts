import type { Family } from "./options.ts";
import { median, medianOfKnown, round } from "./statistics.ts";
import type { Turn } from "./turn.ts";

/** One system's figures: medians over its turns, sums of what was lost or came twice. */
export type Summary = {
  version: string;
  messagesPerSecond: number;
  /** From the end of the data to the 250, at full load. */
  acceptP50Ms: number | null;
  acceptP99Ms: number | null;
  /** The same at half of the full rate, messages coming at random instants. */
  acceptAtHalfLoad: { p50: number | null; p99: number | null };
  cpuMsPerMessage: number;
  peakMemoryMb: number | null;
  lost: number;
  duplicates: number;
  sent: number;
  runs: Turn[];
};

export type Systems = Partial<Record<"postern" | "postfix", Summary>> & {
  /** The better of its variants, each of which is kept. */
  haraka?: Summary & { variants: Record<string, Summary> };
};
export type Ratios = { postfix: number | null; haraka: number | null };

export function summarise(turns: readonly Turn[]): Summary {
  const medianMs = (value: (turn: Turn) => number | null): number | null => {
    const found = medianOfKnown(turns.map(value));
    return found === null ? null : round(found, 2);
  };
  const sum = (value: (turn: Turn) => number): number => turns.reduce((total, turn) => total + value(turn), 0);
  return {
    version: turns[0]!.version,
    messagesPerSecond: round(median(turns.map((turn) => turn.messagesPerSecond)), 1),
    acceptP50Ms: medianMs((turn) => turn.acceptP50Ms),
    acceptP99Ms: medianMs((turn) => turn.acceptP99Ms),
    acceptAtHalfLoad: {
      p50: medianMs((turn) => turn.acceptAtHalfLoad.p50),
      p99: medianMs((turn) => turn.acceptAtHalfLoad.p99),
    },
    cpuMsPerMessage: round(median(turns.map((turn) => turn.cpuMsPerMessage)), 3),
    peakMemoryMb: medianMs((turn) => turn.peakMemoryMb),
    lost: sum((turn) => turn.lost),
    duplicates: sum((turn) => turn.duplicates),
    sent: sum((turn) => turn.sent),
    runs: [...turns],
  };
}

/** @param taken turns by the name of the system. */
export function compare(
  taken: ReadonlyMap<string, readonly Turn[]>,
  familyOf: (name: string) => Family,
): { systems: Systems; ratios: Ratios } {
  const systems: Systems = {};
  const variants: Record<string, Summary> = {};
  for (const [name, turns] of taken) {
    if (turns.length === 0) continue;
    const family = familyOf(name);
    if (family === "haraka") variants[name] = summarise(turns);
    else systems[family] = summarise(turns);
  }
  const best = Object.values(variants).toSorted((a, b) => b.messagesPerSecond - a.messagesPerSecond)[0];
  if (best) systems.haraka = { ...best, variants };
  const own = systems.postern?.messagesPerSecond;
  const ratio = (peer: Summary | undefined): number | null =>
    own === undefined || peer === undefined ? null : round(own / peer.messagesPerSecond, 2);
  return { systems, ratios: { postfix: ratio(systems.postfix), haraka: ratio(systems.haraka) } };
}
