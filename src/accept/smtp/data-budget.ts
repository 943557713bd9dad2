/**
 * The octets of message text that all sessions of a door hold together, from their first octet until the message was
 * accepted or refused. Hundreds of sessions in the middle of large messages would otherwise fill the memory.
 */
export class DataBudget {
  readonly #bound: number;
  #used = 0;

  constructor(bound: number) {
    this.#bound = bound;
  }

  get used(): number {
    return this.#used;
  }

  /**
   * False where it does not fit beside what others hold; then nothing is taken. Alone, a message always fits: a bound
   * set below the greatest message must not refuse that one for ever.
   * @param mine octets of the same message taken before.
   */
  take(octets: number, mine: number): boolean {
    if (this.#used > mine && this.#used + octets > this.#bound) return false;
    this.#used += octets;
    return true;
  }

  giveBack(octets: number): void {
    this.#used -= octets;
  }
}
