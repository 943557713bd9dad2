import type { Clock, Timer } from "../kernel/index.ts";

/** Pages hear of changes at most this often: 5 a second look live, and a flood of mail costs a page no more. */
const GATHER_MS = 200;

/** Tells those who look that something is new. What it is they read themselves. */
export class Changes {
  readonly #clock: Clock;
  readonly #listeners = new Set<() => void>();
  #timer: Timer | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  changed(): void {
    if (this.#listeners.size === 0 || this.#timer !== null) return;
    this.#timer = this.#clock.after(GATHER_MS, () => {
      this.#timer = null;
      for (const listener of this.#listeners) listener();
    });
  }

  /** Gives the function that ends it. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#timer?.cancel();
      this.#timer = null;
    };
  }
}
