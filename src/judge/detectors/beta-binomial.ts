/**
 * Misses in company. Each message misses with the same probability μ, but they share a cause (a batch of webhooks, a
 * slow receiver), so that probability is itself drawn from a Beta(μM, (1−μ)M), M = 1/ρ − 1: ρ is the correlation of
 * any two. ρ = 0 is independence, ρ = 1 is one coin for all (Skellam 1948).
 */

/** Below this 1/ρ is of no use as a number, and its effect is none. */
const INDEPENDENT = 1e-9;

/** P(k misses in a row) = Π_{i<k} (μM + i) ÷ (M + i); at μ = 0.02, k = 4: ρ = 0 → 1.6e-7, ρ = 0.1 → 1.2e-4. */
export function runOfMisses(count: number, miss: number, correlation: number): number {
  checkShares(miss, correlation);
  if (correlation < INDEPENDENT) return miss ** count;
  if (correlation === 1) return count === 0 ? 1 : miss;
  const weight = 1 / correlation - 1;
  let product = 1;
  for (let i = 0; i < count; i += 1) product *= (miss * weight + i) / (weight + i);
  return product;
}

/** P(at least `count` of `trials` miss). */
export function atLeast(count: number, trials: number, miss: number, correlation: number): number {
  let sum = 0;
  for (let k = Math.max(0, count); k <= trials; k += 1) sum += exactly(k, trials, miss, correlation);
  return Math.min(1, sum);
}

function exactly(count: number, trials: number, miss: number, correlation: number): number {
  checkShares(miss, correlation);
  if (correlation === 1) return count === 0 ? 1 - miss : count === trials ? miss : 0;
  // Pólya's urn: one order of outcomes, times the number of orders.
  let product = 1;
  for (let i = 0; i < trials; i += 1) {
    const isMiss = i < count;
    const seen = isMiss ? i : i - count;
    const share = isMiss ? miss : 1 - miss;
    product *= correlation < INDEPENDENT ? share : (share * (1 / correlation - 1) + seen) / (1 / correlation - 1 + i);
    if (!isMiss) product *= (i + 1) / (seen + 1);
  }
  return product;
}

/** The fewest misses of `trials` that chance brings with at most `bound`; `trials` where not even all of them do. */
export function missesNeeded(test: { trials: number; miss: number; correlation: number; bound: number }): number {
  for (let count = 1; count < test.trials; count += 1)
    if (atLeast(count, test.trials, test.miss, test.correlation) <= test.bound) return count;
  return test.trials;
}

function checkShares(miss: number, correlation: number): void {
  if (!(miss >= 0 && miss <= 1 && correlation >= 0 && correlation <= 1))
    throw new RangeError(`a share outside of 0…1: miss ${miss}, correlation ${correlation}`);
}
