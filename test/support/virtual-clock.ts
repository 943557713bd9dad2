import { type Clock, TimerQueue } from "../../src/kernel/index.ts";

export type VirtualClock = Clock & {
  /**
   * Lets `ms` pass: each timer due in that time runs at its own instant, earliest first, those of one instant in the
   * order in which they were set. What a timer sets in motion (promises, setImmediate) ends before the next one runs.
   */
  advance(ms: number): Promise<void>;
  /** Goes from timer to timer until `met` holds. @throws Error when it does not within `withinMs`. */
  advanceUntil(met: () => boolean, withinMs: number): Promise<void>;
  /** Timers that wait. */
  readonly pending: number;
};

/** 2022-08-08T19:30:00Z: any fixed instant makes a run repeatable. */
const START_MS = Date.UTC(2022, 7, 8, 19, 30);

/** Turns of the event loop given to the work a timer starts. Work on sockets or files needs more: wait for its own end. */
const TURNS = 4;

export function virtualClock(startMs: number = START_MS): VirtualClock {
  const timers = new TimerQueue(startMs);

  async function advanceTo(until: number, met: () => boolean): Promise<void> {
    await settle();
    for (;;) {
      if (met()) return;
      if ((timers.nextAt ?? Number.POSITIVE_INFINITY) > until) break;
      timers.runNext();
      await settle();
    }
    timers.skipTo(until);
  }

  return {
    now: () => timers.now(),
    monotonicMs: () => timers.monotonicMs(),
    after: (delayMs, task) => timers.after(delayMs, task),
    advance: (ms) => advanceTo(timers.now() + ms, () => false),
    async advanceUntil(met, withinMs) {
      await advanceTo(timers.now() + withinMs, met);
      if (!met()) throw new Error(`not so within ${withinMs} virtual ms: ${met.toString()}`);
    },
    get pending() {
      return timers.pending;
    },
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise(setImmediate);
}
