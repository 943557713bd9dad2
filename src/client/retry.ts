import type { ClientClock } from "./clock.ts";
import { PosternError } from "./postern-error.ts";

export type RetryPlan = { tries: number; firstMs: number; maxMs: number; clock: ClientClock; fraction: () => number };

/** Half of the wait is fixed, half is chance: clients that failed together do not come back together. */
export const spreadMs = (plannedMs: number, fraction: () => number): number =>
  Math.round(plannedMs * (0.5 + fraction() / 2));

/**
 * Runs `work` until it succeeds, fails for good, or `tries` are used up. Waits double from `firstMs` to `maxMs`; a wait
 * that Postern asked for is kept to, and one longer than `maxMs` is the caller's to decide about.
 * @throws the last error, or the reason of `signal`.
 */
export async function withRetries<Value>(
  work: () => Promise<Value>,
  mayRetry: (error: PosternError) => boolean,
  { tries, firstMs, maxMs, clock, fraction }: RetryPlan,
  signal: AbortSignal | undefined,
): Promise<Value> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      if (failures >= tries || !(error instanceof PosternError) || !mayRetry(error)) throw error;
      if ((error.retryAfterMs ?? 0) > maxMs) throw error;
      const ownMs = spreadMs(Math.min(maxMs, firstMs * 2 ** (failures - 1)), fraction);
      await waited(clock, Math.max(ownMs, error.retryAfterMs ?? 0), signal);
    }
  }
}

function waited(clock: ClientClock, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const onAbort = () => {
      timer.cancel();
      reject(signal!.reason as Error);
    };
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
