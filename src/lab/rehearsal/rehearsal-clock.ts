import { type Clock, type Timer, TimerQueue } from "../../kernel/index.ts";
import type { UnderWay } from "./under-way.ts";

/** Time of a rehearsal: goes on to the next timer only when nothing is on its way, so work takes no time at all. */
export class RehearsalClock implements Clock {
  readonly #timers: TimerQueue;
  readonly #underWay: Pick<UnderWay, "quiet">;

  constructor(startMs: number, underWay: Pick<UnderWay, "quiet">) {
    this.#timers = new TimerQueue(startMs);
    this.#underWay = underWay;
  }

  now(): number {
    return this.#timers.now();
  }

  monotonicMs(): number {
    return this.#timers.monotonicMs();
  }

  after(delayMs: number, task: () => void): Timer {
    return this.#timers.after(delayMs, task);
  }

  /** Lets so much time pass. @param strideMs timers come as late as this, all of a stride together: as on a slow machine */
  async advance(ms: number, strideMs = 0): Promise<void> {
    await this.#run(this.now() + ms, () => false, strideMs);
  }

  /** Lets time pass until a promise is settled, whose work may wait for timers. */
  async during<Result>(work: Promise<Result>, withinMs = 600_000): Promise<Result> {
    let isSettled = false;
    const settled = work.finally(() => (isSettled = true));
    settled.catch(() => {}); // told below
    await this.#run(this.now() + withinMs, () => isSettled);
    if (!isSettled) throw new Error(`not done within ${withinMs} virtual ms`);
    return settled;
  }

  async #run(until: number, met: () => boolean, strideMs = 0): Promise<void> {
    await this.#underWay.quiet();
    while (!met()) {
      const at = this.#timers.nextAt;
      if (at === null || at > until) break;
      // Timers of one instant run together: what they begin overlaps, as it would. Those they set for later wait.
      const end = Math.min(until, at + strideMs);
      if (strideMs > 0) this.#timers.skipTo(end);
      for (let next: number | null = at; next !== null && (next === at || next < end); next = this.#timers.nextAt)
        this.#timers.runNext();
      await this.#underWay.quiet();
    }
    if (!met()) this.#timers.skipTo(until);
  }
}
