/**
 * Octets of request bodies in memory. A body is held whole until its message is stored, so what may be read at once has
 * a bound: above it clients are told to come again, before they send.
 */
export class BodyMemory {
  readonly #most: number;
  #held = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get heldBytes(): number {
    return this.#held;
  }

  /** Room for `bytes`, or null where there is none. Call what is given once the request has ended, however it did. */
  take(bytes: number): (() => void) | null {
    // A lone request always fits: the bound of a message may be near the bound of all.
    if (this.#held > 0 && this.#held + bytes > this.#most) return null;
    this.#held += bytes;
    let given = false;
    return () => {
      if (!given) this.#held -= bytes;
      given = true;
    };
  }
}
