import type { Clock, Timer } from "./clock.ts";

type Planned = { at: number; order: number; task: () => void; cancelled: boolean };

/**
 * Time that stands still until it is told to go on: the Clock of tests and rehearsals. Timers wait in a binary heap by
 * instant, those of one instant in the order in which they were set; who advances it decides what happens in between.
 */
export class TimerQueue implements Clock {
  readonly #startMs: number;
  readonly #planned: Planned[] = [];
  #now: number;
  #order = 0;
  #live = 0;

  constructor(startMs: number) {
    this.#startMs = startMs;
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  monotonicMs(): number {
    return this.#now - this.#startMs;
  }

  after(delayMs: number, task: () => void): Timer {
    const timer: Planned = {
      at: this.#now + Math.max(0, delayMs),
      order: (this.#order += 1),
      task,
      cancelled: false,
    };
    push(this.#planned, timer);
    this.#live += 1;
    return {
      cancel: () => {
        if (!timer.cancelled) this.#live -= 1;
        timer.cancelled = true;
      },
    };
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#live;
  }

  /** When the next timer is due; null: none waits. */
  get nextAt(): number | null {
    while (this.#planned[0]?.cancelled) pop(this.#planned);
    return this.#planned[0]?.at ?? null;
  }

  /** Time becomes that of the next timer, which runs. @returns false where none waits */
  runNext(): boolean {
    if (this.nextAt === null) return false;
    const next = this.#planned[0]!;
    pop(this.#planned);
    this.#live -= 1;
    this.#now = Math.max(this.#now, next.at);
    next.cancelled = true; // it has run: a cancel from here on is none
    next.task();
    return true;
  }

  /** Time passes without anything happening; never backwards. */
  skipTo(at: number): void {
    this.#now = Math.max(this.#now, at);
  }
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
