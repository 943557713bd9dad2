import { Shares } from "../shares.ts";

/**
 * Octets of request bodies in memory. A body is held whole until its message is stored, so what may be read at once has
 * a bound: above it clients are told to come again, before they send.
 */
export class BodyMemory {
  readonly #shares: Shares;

  /** @param greatest what one request may take; given, it stays free for others than the tenant that holds the rest. */
  constructor(most: number, greatest = 0) {
    this.#shares = new Shares(most, greatest);
  }

  get heldBytes(): number {
    return this.#shares.used;
  }

  /** Room for `bytes` of a tenant, or null where there is none. Call what is given once the request has ended, however it did. */
  take(bytes: number, who = ""): (() => void) | null {
    if (!this.#shares.take(who, bytes)) return null;
    let given = false;
    return () => {
      if (!given) this.#shares.give(who, bytes);
      given = true;
    };
  }
}
