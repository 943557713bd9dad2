import { BUCKETS, EDGES_MS } from "./edges.ts";

/** P95 of a normal variable in standard deviations. */
const Z95 = 1.6449;

/**
 * Shares of a log-normal latency over the buckets, with `neverConfirmed` of the messages in none of them. Confirmation
 * times of mail are near log-normal over three decades; the histogram needs that only until it has seen enough.
 */
export function priorShares(prior: {
  priorMedianMs: number;
  priorP95Ms: number;
  neverConfirmed: number;
}): Float64Array {
  const sigma = Math.log(prior.priorP95Ms / prior.priorMedianMs) / Z95;
  const below = (ageMs: number) => (ageMs <= 0 ? 0 : normalCdf(Math.log(ageMs / prior.priorMedianMs) / sigma));
  return Float64Array.from(
    { length: BUCKETS },
    (_, k) => (1 - prior.neverConfirmed) * (below(EDGES_MS[k + 1] ?? Infinity) - below(EDGES_MS[k]!)),
  );
}

/** Φ(z), with an absolute error below 1e-7 (Abramowitz and Stegun 26.2.17). */
export function normalCdf(z: number): number {
  if (z === Infinity) return 1;
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail =
    0.3989422804014327 *
    Math.exp((-z * z) / 2) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z >= 0 ? 1 - tail : tail;
}
