import { type Clock, systemClock } from "../../src/kernel/index.ts";

export type QuickClock = Clock & {
  /** The delays asked for and not kept to. */
  readonly waits: number[];
  /** The wall clock jumps. */
  skip(ms: number): void;
};

/**
 * Real time in which nobody waits: every delay is over at once, and noted, but for those that are bounds of something
 * (`isBound`: a request's time, a heartbeat). For tests over real sockets and files, which a virtual clock cannot see.
 */
export function quickClock(isBound: (delayMs: number) => boolean): QuickClock {
  let skippedMs = 0;
  const waits: number[] = [];
  return {
    waits,
    skip: (ms) => {
      skippedMs += ms;
    },
    now: () => systemClock.now() + skippedMs,
    monotonicMs: () => systemClock.monotonicMs() + skippedMs,
    after(delayMs, task) {
      if (isBound(delayMs)) return systemClock.after(delayMs, task);
      waits.push(delayMs);
      return systemClock.after(1, task);
    },
  };
}
