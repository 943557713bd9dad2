import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { SoakOptions, Soaked } from "./soak.ts";

/** Soaks side by side, one thread for each core: they share nothing. @returns in the order of `all` */
export async function soakAll(
  all: readonly SoakOptions[],
  threads: number = availableParallelism(),
): Promise<Soaked[]> {
  const told: Soaked[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let n = next++; n < all.length; n = next++) told[n] = await soakInThread(all[n]!);
  };
  await Promise.all(Array.from({ length: Math.min(threads, all.length) }, work));
  return told;
}

function soakInThread(options: SoakOptions): Promise<Soaked> {
  const { promise, resolve, reject } = Promise.withResolvers<Soaked>();
  const worker = new Worker(new URL("soak-thread.ts", import.meta.url), { workerData: options });
  worker.once("message", resolve);
  worker.once("error", reject);
  worker.once("exit", (code) => reject(new Error(`a soak ended with ${code} and no result`)));
  return promise;
}

/** What happened over all of them, a year. */
export type Yearly = {
  providerYears: number;
  failovers: number;
  failoversPerYear: number;
  /** With 95 % confidence no more than this a year happen: of what was seen `failovers` times in so many years (Poisson). */
  failoversPerYearAtMost: number;
  suspicionsPerYear: number;
  extraCanaryShare: number;
};

const DAYS_PER_YEAR = 365;

export function yearly(all: readonly Soaked[]): Yearly {
  const sum = (of: (one: Soaked) => number): number => all.reduce((total, one) => total + of(one), 0);
  const years = sum(({ days }) => days) / DAYS_PER_YEAR;
  const failovers = sum((one) => one.failovers + one.streamFailovers);
  return {
    providerYears: years,
    failovers,
    failoversPerYear: failovers / years,
    failoversPerYearAtMost: poissonAtMost(failovers, 0.05) / years,
    suspicionsPerYear: sum((one) => one.suspicions) / years,
    extraCanaryShare: sum((one) => one.extraCanaries) / sum((one) => one.messages),
  };
}

/** The mean at which `seen` or fewer happen with probability `error`: 3.0 for none at 5 % (Garwood 1936). */
export function poissonAtMost(seen: number, error: number): number {
  const atMost = (mean: number): number => {
    let term = Math.exp(-mean);
    let sum = term;
    for (let k = 1; k <= seen; k += 1) sum += term *= mean / k;
    return sum;
  };
  let low = 0;
  let high = 10 + 4 * seen;
  for (let n = 0; n < 60; n += 1) {
    const mean = (low + high) / 2;
    if (atMost(mean) > error) low = mean;
    else high = mean;
  }
  return high;
}
