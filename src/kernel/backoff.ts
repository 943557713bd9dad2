import type { Random } from "./random.ts";

/** A retry schedule: waits that grow by `factor` from `firstMs` to `maxMs`, each spread by ± `jitter` of itself. */
export type RetrySchedule = { firstMs: number; factor: number; maxMs: number; jitter: number };

/** The wait before try number `failures + 1`, after `failures` ≥ 1 failed ones. */
export function backoffMs(schedule: RetrySchedule, failures: number, random: Random): number {
  const planned = Math.min(schedule.maxMs, schedule.firstMs * schedule.factor ** (failures - 1));
  return Math.round(planned * (1 + schedule.jitter * (2 * random.fraction() - 1)));
}
