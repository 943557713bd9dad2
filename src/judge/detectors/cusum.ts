/**
 * Page's CUSUM on "was it confirmed in time?" for partial loss, where the silence test is of no use since something
 * always arrives. g ← max(0, g + ln(q₁/q₀)) on a miss, max(0, g + ln((1−q₁)/(1−q₀))) on a hit; an alarm from g ≥ h.
 * One runs for each alternative q₁: the one made for great losses is quicker with them and blind to small ones.
 */
export class Cusum {
  readonly missUnderTest: number;
  #thresholdNats!: number;
  readonly #missNats: number;
  readonly #hitNats: number;
  #nats = 0;
  #alarmed = false;

  /** @param thresholdNats h; g goes no higher than 2h, so that the end of a long loss is seen in bounded time */
  constructor(missUnderTest: number, missAsUsual: number, thresholdNats: number) {
    if (!(missAsUsual > 0 && missAsUsual < missUnderTest && missUnderTest < 1))
      throw new RangeError(`0 < q₀ < q₁ < 1 does not hold of ${missAsUsual}, ${missUnderTest}`);
    this.missUnderTest = missUnderTest;
    this.retune(thresholdNats);
    this.#missNats = Math.log(missUnderTest / missAsUsual);
    this.#hitNats = Math.log((1 - missUnderTest) / (1 - missAsUsual));
  }

  get thresholdNats(): number {
    return this.#thresholdNats;
  }

  retune(thresholdNats: number): void {
    this.#thresholdNats = thresholdNats;
  }

  hit(count = 1): void {
    this.#nats = Math.max(0, this.#nats + count * this.#hitNats);
    if (this.#nats === 0) this.#alarmed = false;
  }

  miss(): void {
    this.#nats = Math.min(2 * this.#thresholdNats, this.#nats + this.#missNats);
    if (this.#nats >= this.#thresholdNats) this.#alarmed = true;
  }

  /** Takes a miss back. Providers that deliver late do not lose, and events that come in one batch were never missing. */
  late(): void {
    this.#nats = Math.max(0, this.#nats - this.#missNats + this.#hitNats);
    if (this.#nats === 0) this.#alarmed = false;
  }

  get nats(): number {
    return this.#nats;
  }

  /** From g ≥ h until g is back at 0: what hovers around h is one loss, not many. */
  get alarmed(): boolean {
    return this.#alarmed;
  }
}
