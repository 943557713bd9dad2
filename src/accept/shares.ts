/**
 * Octets of message text that clients hold in memory together, from their first octet until it was accepted or refused,
 * and how much of it one tenant may hold. A client that sends the greatest messages and never ends them takes what its
 * tenant may have; the others always find room for a message of the greatest size, or for thousands of the usual one.
 */
export class Shares {
  readonly #most: number;
  readonly #mostOfOne: number;
  readonly #held = new Map<string, number>();
  #used = 0;

  /** @param greatest what one message may take. */
  constructor(most: number, greatest: number) {
    this.#most = most;
    this.#mostOfOne = Math.max(most / 2, most - greatest);
  }

  get used(): number {
    return this.#used;
  }

  /**
   * False where it does not fit beside what others hold; then nothing is taken. Alone, a message always fits: a bound
   * set below the greatest message must not refuse that one for ever.
   * @param who the tenant. @param mine octets of the same message taken before.
   */
  take(who: string, octets: number, mine = 0): boolean {
    const held = this.#held.get(who) ?? 0;
    if (this.#used > mine && this.#used + octets > this.#most) return false;
    if (held > mine && held + octets > this.#mostOfOne) return false;
    this.#used += octets;
    this.#held.set(who, held + octets);
    return true;
  }

  give(who: string, octets: number): void {
    this.#used -= octets;
    const left = (this.#held.get(who) ?? 0) - octets;
    if (left > 0) this.#held.set(who, left);
    else this.#held.delete(who);
  }
}
