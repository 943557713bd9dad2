import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../kernel/index.ts";

/** Bounds of a drill, each with its reason. */
export const DRILL_BOUNDS = {
  /** Shorter, and nothing has moved before it is over: nodes look twice a second. */
  leastMs: 10 * SECOND_MS,
  /** Longer, and it is no drill but another route: change the configuration. */
  mostMs: 2 * HOUR_MS,
  usualMs: 10 * MINUTE_MS,
  /** The guard looks this often; the rows that it counts are those of the last minute. */
  guardEveryMs: 2 * SECOND_MS,
  guardWindowMs: MINUTE_MS,
  /** Critical mail that waits longer than this since the drill began ends it. */
  oldestCriticalMs: 30 * SECOND_MS,
  /** Of the stand-ins' answers, and of how many at least. */
  deferredShare: 0.1,
  rejectedShare: 0.1,
  answersLeast: 20,
  /** Of the error budget: a burn this fast uses up two percent of a month's within an hour (Google SRE workbook, ch. 5). */
  burnRate: 14.4,
  /** Before and after are looked at as long as the drill lasted, within these. */
  windowLeastMs: 30 * SECOND_MS,
  windowMostMs: 10 * MINUTE_MS,
} as const;

/** How long before and after are. */
export const windowOf = (drillMs: number): number =>
  Math.min(DRILL_BOUNDS.windowMostMs, Math.max(DRILL_BOUNDS.windowLeastMs, drillMs));
