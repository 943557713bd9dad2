import { COUNT_EDGES_MS } from "./edges.ts";

/** How many were there within each of the edges; beside it goes how many there were in all. */
export type Within = readonly number[];

export const nothingWithin = (): number[] => COUNT_EDGES_MS.map(() => 0);

export const sum = (one: Within, other: Within): number[] =>
  COUNT_EDGES_MS.map((_, n) => (one[n] ?? 0) + (other[n] ?? 0));

/**
 * Below which time that share of `count` was, taken as evenly spread between two edges.
 * @param share 0.95
 * @returns milliseconds; null: of none, or it lies beyond the last edge
 */
export function percentile(counts: Within, count: number, share: number): number | null {
  if (count <= 0) return null;
  const rank = share * count;
  for (const [n, edge] of COUNT_EDGES_MS.entries()) {
    const upTo = counts[n] ?? 0;
    if (upTo < rank || upTo === 0) continue;
    const below = n === 0 ? 0 : (counts[n - 1] ?? 0);
    const from = n === 0 ? 0 : COUNT_EDGES_MS[n - 1]!;
    return Math.round(from + ((rank - below) / (upTo - below)) * (edge - from));
  }
  return null;
}

export type Percentiles = { p50: number | null; p95: number | null; p99: number | null };
export const percentiles = (counts: Within, count: number): Percentiles => ({
  p50: percentile(counts, count, 0.5),
  p95: percentile(counts, count, 0.95),
  p99: percentile(counts, count, 0.99),
});
