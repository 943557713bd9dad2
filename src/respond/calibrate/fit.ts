import { MINUTE_MS } from "../../kernel/index.ts";
import type { Assumed } from "../../judge/index.ts";
import { FOUND_BOUNDS, type Found } from "../../standing/index.ts";

/** One hand-off of the past: to which group of receivers, when, and how long until it was told to have arrived (ms; null: never). */
export type PastHandOff = { provider: string; group: string; at: number; tookMs: number | null };
/** One canary to a receiver of our own. */
export type PastCanary = { provider: string; at: number; missed: boolean };
export type History = { handOffs: readonly PastHandOff[]; canaries: readonly PastCanary[] };

/** How much has to stand behind a figure before it takes the place of a reasoned one. */
export const LEAST = {
  /** Of one group of receivers, confirmed. */
  latencies: 200,
  /** At a share of 0.5 % twenty thousand would give it to a fifth; with two thousand the bound that is taken is twice as wide. */
  handOffs: 2_000,
  /** ρ is a matter of batches with company in them, and of misses to keep company. */
  batches: 200,
  misses: 20,
  canaries: 500,
} as const;

/** Misses that come within a minute of each other may have one cause. */
const BATCH_MS = MINUTE_MS;

export type Figure = {
  name: keyof Found;
  was: number;
  /** Null: too little stands behind it, and what is assumed stays. */
  found: number | null;
  /** What stands behind it, or what is wanting. */
  basis: string;
  /** It lay outside of its bounds and was brought back to the nearer one. */
  bounded: boolean;
};
export type GroupLatency = { provider: string; group: string; messages: number; medianMs: number; p95Ms: number };
export type Fit = { figures: Figure[]; found: Found; groups: GroupLatency[]; perMinute: Record<string, number> };

/**
 * Refits what the judge assumes to what has been. Pure. Each estimate errs towards patience: a wrong failover costs more
 * than some seconds.
 */
export function fit({ handOffs: all, canaries }: History, assumed: Assumed): Fit {
  // Who never tells anything is mute: of its mail nothing can be learned.
  const tells = new Set(all.filter(({ tookMs }) => tookMs !== null).map(({ provider }) => provider));
  const handOffs = all.filter(({ provider }) => tells.has(provider));
  const groups = groupLatencies(handOffs);
  const deadline = assumed.loss.deadlineMs;
  const isMissed = ({ tookMs }: PastHandOff): boolean => tookMs === null || tookMs > deadline;
  const figures: Figure[] = [
    shareFigure("neverConfirmed", assumed.neverConfirmed, handOffs, (one) => one.tookMs === null, "never confirmed"),
    shareFigure("missAsUsual", assumed.loss.missAsUsual, handOffs, isMissed, `not within ${deadline / 1_000} s`),
    correlationFigure(
      "correlation",
      assumed.correlation,
      handOffs.map((one) => ({ ...one, missed: isMissed(one) })),
      2 * LEAST.misses,
    ),
    canaries.length < LEAST.canaries
      ? tooLittle("canaryCorrelation", assumed.canaryCorrelation, canaries.length, LEAST.canaries, "canaries")
      : correlationFigure("canaryCorrelation", assumed.canaryCorrelation, canaries, LEAST.misses),
    ...priorFigures(groups, assumed),
  ];
  const found: Found = Object.fromEntries(
    figures.flatMap(({ name, found: value }) => (value === null ? [] : [[name, value]])),
  );
  return { figures, found, groups, perMinute: ratesOf(all) };
}

/** The upper end of Wilson's interval (95 %): of no miss in two thousand nobody may conclude that there is none. */
export function upperShare(count: number, of: number): number {
  const z = 1.96;
  const share = count / of;
  const middle = share + (z * z) / (2 * of);
  const width = z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  return (middle + width) / (1 + (z * z) / of);
}

function shareFigure(
  name: "neverConfirmed" | "missAsUsual",
  was: number,
  handOffs: readonly PastHandOff[],
  isMissed: (one: PastHandOff) => boolean,
  words: string,
): Figure {
  if (handOffs.length < LEAST.handOffs) return tooLittle(name, was, handOffs.length, LEAST.handOffs, "hand-offs");
  const count = handOffs.filter(isMissed).length;
  return bounded(name, was, upperShare(count, handOffs.length), `${count} of ${handOffs.length} ${words}`);
}

type Trial = { provider: string; at: number; missed: boolean };

/**
 * ρ by the method of moments. Batches of nᵢ messages with xᵢ misses and one share p: Var xᵢ = nᵢp(1−p)(1 + (nᵢ−1)ρ), so
 * ρ̂ = Σ[(xᵢ − nᵢp)² − nᵢp(1−p)] ÷ (p(1−p) Σ nᵢ(nᵢ−1)). A batch is what one provider was given within a minute.
 */
export function correlationOf(trials: readonly Trial[]): { rho: number; batches: number; misses: number } {
  const batches = new Map<string, { n: number; x: number }>();
  for (const { provider, at, missed } of trials) {
    const key = `${provider} ${Math.floor(at / BATCH_MS)}`;
    const batch = batches.get(key) ?? { n: 0, x: 0 };
    batch.n += 1;
    if (missed) batch.x += 1;
    batches.set(key, batch);
  }
  const inCompany = [...batches.values()].filter(({ n }) => n > 1);
  const total = inCompany.reduce((sum, { n }) => sum + n, 0);
  const misses = inCompany.reduce((sum, { x }) => sum + x, 0);
  const p = total === 0 ? 0 : misses / total;
  const q = p * (1 - p);
  const pairs = inCompany.reduce((sum, { n }) => sum + n * (n - 1), 0);
  const excess = inCompany.reduce((sum, { n, x }) => sum + (x - n * p) ** 2 - n * q, 0);
  return { rho: q === 0 || pairs === 0 ? 0 : excess / (q * pairs), batches: inCompany.length, misses };
}

function correlationFigure(
  name: "correlation" | "canaryCorrelation",
  was: number,
  trials: readonly Trial[],
  missesLeast: number,
): Figure {
  const { rho, batches, misses } = correlationOf(trials);
  if (batches < LEAST.batches) return tooLittle(name, was, batches, LEAST.batches, "minutes with two or more");
  if (misses < missesLeast) return tooLittle(name, was, misses, missesLeast, "misses");
  return bounded(name, was, Math.max(0, rho), `${misses} misses in ${batches} minutes`);
}

function groupLatencies(handOffs: readonly PastHandOff[]): GroupLatency[] {
  const groups = new Map<string, { provider: string; group: string; took: number[] }>();
  for (const { provider, group, tookMs } of handOffs) {
    if (tookMs === null) continue;
    const key = `${provider} ${group}`;
    const known = groups.get(key) ?? { provider, group, took: [] };
    known.took.push(tookMs);
    groups.set(key, known);
  }
  return [...groups.values()]
    .map(({ provider, group, took }) => {
      const sorted = Float64Array.from(took).toSorted();
      const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
      return { provider, group, messages: took.length, medianMs: at(0.5), p95Ms: at(0.95) };
    })
    .toSorted((a, b) => b.messages - a.messages);
}

/** Of a group that nobody has written to yet the slowest known one is believed: ignorance is patient. */
function priorFigures(groups: readonly GroupLatency[], { latency }: Assumed): Figure[] {
  const known = groups.filter(({ messages }) => messages >= LEAST.latencies);
  const most = groups[0]?.messages ?? 0;
  const figure = (name: "priorMedianMs" | "priorP95Ms", of: (one: GroupLatency) => number): Figure => {
    if (known.length === 0)
      return tooLittle(name, latency[name], most, LEAST.latencies, "confirmed messages of one group");
    const slowest = known.reduce((a, b) => (of(b) > of(a) ? b : a));
    const basis = `${known.length === 1 ? "the only group" : `slowest of ${known.length} groups`}: ${slowest.provider} to ${slowest.group}, ${slowest.messages} messages`;
    return bounded(name, latency[name], of(slowest), basis);
  };
  const median = figure("priorMedianMs", ({ medianMs }) => medianMs);
  const p95 = figure("priorP95Ms", ({ p95Ms }) => p95Ms);
  // A log-normal has its 95th percentile above its median; the judge's prior is one.
  if (median.found !== null && p95.found !== null && p95.found < 2 * median.found)
    return [median, { ...p95, found: 2 * median.found, bounded: true }];
  return [median, p95];
}

const tooLittle = (name: keyof Found, was: number, has: number, needs: number, what: string): Figure => ({
  name,
  was,
  found: null,
  basis: `${has} ${what}; ${needs} are needed`,
  bounded: false,
});

function bounded(name: keyof Found, was: number, value: number, basis: string): Figure {
  const [least, most] = FOUND_BOUNDS[name];
  const within = Math.min(most, Math.max(least, value));
  return { name, was, found: Number(within.toPrecision(4)), basis, bounded: within !== value };
}

/** Messages a minute by provider, of the minutes in which it carried any: when nothing is sent nothing is lost. */
function ratesOf(handOffs: readonly PastHandOff[]): Record<string, number> {
  const minutes = new Map<string, Map<number, number>>();
  for (const { provider, at } of handOffs) {
    const of = minutes.get(provider) ?? new Map<number, number>();
    const minute = Math.floor(at / BATCH_MS);
    of.set(minute, (of.get(minute) ?? 0) + 1);
    minutes.set(provider, of);
  }
  return Object.fromEntries(
    [...minutes].map(([provider, of]) => {
      const counts = [...of.values()].toSorted((a, b) => a - b);
      return [provider, counts[counts.length >> 1]!];
    }),
  );
}
