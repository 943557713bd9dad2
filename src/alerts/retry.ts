import { MINUTE_MS, type Random, type RetrySchedule, backoffMs } from "../kernel/index.ts";

/**
 * An alert is worth something for as long as somebody could still act on it: often at first, then every ten minutes. A
 * target that is wrong is tried like one that is away, since its settings may be mended meanwhile.
 */
const WAITS: RetrySchedule = { firstMs: 5_000, factor: 2, maxMs: 10 * MINUTE_MS, jitter: 0.1 };
/** 7 while the waits grow (10½ min), the rest every ten minutes: 3 h 20 min in all. */
const TRIES = 27;

/** @param tries made so far. @returns how long to wait for the next one; null: it is given up */
export function nextTryMs(tries: number, retryAfterMs: number | null, random: Random): number | null {
  if (tries >= TRIES) return null;
  return Math.max(backoffMs(WAITS, tries, random), Math.min(retryAfterMs ?? 0, WAITS.maxMs));
}
