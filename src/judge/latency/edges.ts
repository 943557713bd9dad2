/**
 * Ages on a logarithmic scale: 192 buckets from 0.1 s to an hour, each 6 % longer than the one before. Bucket k holds
 * latencies from EDGES_MS[k] up to the next edge; below the first counts as the first, beyond the last as the last.
 */
export const BUCKETS = 192;
const FIRST_MS = 100;
const LAST_MS = 3_600_000;
const STEP = Math.log(LAST_MS / FIRST_MS) / (BUCKETS - 1);

/** Lower edges; that of the first bucket is 0. */
export const EDGES_MS: Float64Array = Float64Array.from({ length: BUCKETS }, (_, k) =>
  k === 0 ? 0 : FIRST_MS * Math.exp(STEP * (k - 1)),
);

export function bucketOf(latencyMs: number): number {
  if (!(latencyMs >= FIRST_MS)) return 0;
  return Math.min(BUCKETS - 1, 1 + Math.floor(Math.log(latencyMs / FIRST_MS) / STEP + 1e-9));
}
