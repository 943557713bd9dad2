import { EDGES_MS } from "../config/index.ts";

/**
 * Times that mail is counted against, ms. Below the shortest that may be promised as well: a provider's answer takes 20 to 300 ms, and
 * percentiles of hand-off would otherwise lie in one bucket. Counts over the same edges add up, of minutes, streams and nodes alike.
 */
export const COUNT_EDGES_MS: readonly number[] = [50, 100, 200, 350, 500, 700, ...EDGES_MS];

/** The place of a promised time among them. @throws where it is none: config lets no other through */
export function edgeIndex(ms: number): number {
  const n = COUNT_EDGES_MS.indexOf(ms);
  if (n === -1) throw new Error(`${ms} ms is no edge that is counted`);
  return n;
}
