/** A token bucket: `perS` a second, at most one second's worth saved up. Null: no bound. Times are monotonic milliseconds. */
export class RateBound {
  readonly #perMs: number;
  readonly #most: number;
  #tokens: number;
  #at: number;

  constructor(perS: number, now: number) {
    this.#perMs = perS / 1000;
    this.#most = Math.max(1, perS);
    this.#tokens = this.#most;
    this.#at = now;
  }

  /** Milliseconds until a token is there; 0 when one is. */
  waitMs(now: number): number {
    this.#refill(now);
    return this.#tokens >= 1 ? 0 : Math.ceil((1 - this.#tokens) / this.#perMs);
  }

  take(now: number): void {
    this.#refill(now);
    this.#tokens -= 1;
  }

  #refill(now: number): void {
    this.#tokens = Math.min(this.#most, this.#tokens + (now - this.#at) * this.#perMs);
    this.#at = now;
  }
}
