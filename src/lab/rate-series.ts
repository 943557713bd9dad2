import type { Clock } from "../kernel/index.ts";

export const RATE_BUCKET_MS = 5_000;
export const RATE_BUCKETS = 60;

/** How many messages in each of the last 60 spans of 5 s: five minutes, enough to see a failover begin and end. */
export class RateSeries {
  readonly #clock: Clock;
  readonly #counts: number[] = Array.from({ length: RATE_BUCKETS }, () => 0);
  #newest: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#newest = this.#bucket();
  }

  count(): void {
    this.#turn();
    const slot = this.#newest % RATE_BUCKETS;
    this.#counts[slot] = this.#counts[slot]! + 1;
  }

  /** Oldest first; the last span is still running. */
  spans(): number[] {
    this.#turn();
    const start = (this.#newest + 1) % RATE_BUCKETS;
    return [...this.#counts.slice(start), ...this.#counts.slice(0, start)];
  }

  // Monotonic time: a corrected wall clock must not tear a hole into the picture.
  #bucket(): number {
    return Math.floor(this.#clock.monotonicMs() / RATE_BUCKET_MS);
  }

  #turn(): void {
    const now = this.#bucket();
    for (let steps = Math.min(now - this.#newest, RATE_BUCKETS); steps > 0; steps -= 1) {
      this.#counts[(now - steps + 1) % RATE_BUCKETS] = 0;
    }
    this.#newest = now;
  }
}
