import type { Clock, Timer } from "../../src/kernel/index.ts";

type Planned = { at: number; order: number; task: () => void; cancelled: boolean };

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
  const planned: Planned[] = []; // a binary heap by instant, then order
  let now = startMs;
  let order = 0;
  let live = 0;

  async function advanceTo(until: number, met: () => boolean): Promise<void> {
    await settle();
    for (;;) {
      if (met()) return;
      while (planned[0]?.cancelled) pop(planned);
      const next = planned[0];
      if (!next || next.at > until) break;
      pop(planned);
      live -= 1;
      now = Math.max(now, next.at);
      next.cancelled = true; // it has run: a cancel from here on is none
      next.task();
      await settle();
    }
    now = until;
  }

  return {
    now: () => now,
    monotonicMs: () => now - startMs,
    after(delayMs, task): Timer {
      const timer: Planned = { at: now + Math.max(0, delayMs), order: (order += 1), task, cancelled: false };
      push(planned, timer);
      live += 1;
      return {
        cancel() {
          if (!timer.cancelled) live -= 1;
          timer.cancelled = true;
        },
      };
    },
    advance: (ms) => advanceTo(now + ms, () => false),
    async advanceUntil(met, withinMs) {
      await advanceTo(now + withinMs, met);
      if (!met()) throw new Error(`not so within ${withinMs} virtual ms: ${met.toString()}`);
    },
    get pending() {
      return live;
    },
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise(setImmediate);
}

const before = (a: Planned, b: Planned): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

function push(heap: Planned[], entry: Planned): void {
  let at = heap.push(entry) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(entry, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = entry;
}

function pop(heap: Planned[]): void {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    if (left >= heap.length) break;
    const child = left + 1 < heap.length && before(heap[left + 1]!, heap[left]!) ? left + 1 : left;
    if (!before(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
}
