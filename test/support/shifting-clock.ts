import { type Clock, systemClock } from "../../src/kernel/index.ts";

export type ShiftingClock = Clock & {
  /** Puts the wall clock forward; what is measured (heartbeats, rates) goes on as it was. */
  shift(ms: number): void;
};

/**
 * Real time whose wall clock can be put forward: for lives of messages, which are days, beside a real database.
 * `longestWaitMs`: no wait of a loop is longer.
 */
export function shiftingClock({ longestWaitMs = Number.POSITIVE_INFINITY } = {}): ShiftingClock {
  let shiftMs = 0;
  return {
    monotonicMs: systemClock.monotonicMs,
    now: () => systemClock.now() + shiftMs,
    after: (delayMs, task) => systemClock.after(Math.min(delayMs, longestWaitMs), task),
    shift(ms) {
      shiftMs += ms;
    },
  };
}
