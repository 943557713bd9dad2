/**
 * Messages a minute through one provider, canaries included: the thresholds follow from it (parameters.ts). Counters of a
 * minute each over the last hour; a rise shows within five minutes, a fall within an hour, for too high a threshold costs
 * some seconds and too low a one false alarms.
 */
const MINUTE = 60_000;
const MINUTES = 60;
const LATEST = 5;

export class Rate {
  readonly #counts = new Uint32Array(MINUTES);
  readonly #beganAt: number;
  #minute: number;

  constructor(at: number) {
    this.#beganAt = at;
    this.#minute = Math.floor(at / MINUTE);
  }

  saw(at: number): void {
    this.#turn(at);
    this.#counts[this.#minute % MINUTES]! += 1;
  }

  /** @returns null within the first minutes: nothing is known yet */
  perMinute(now: number): number | null {
    this.#turn(now);
    const known = Math.min(MINUTES, Math.floor((now - this.#beganAt) / MINUTE));
    if (known < LATEST) return null;
    return Math.max(this.#mean(known), this.#mean(LATEST));
  }

  /** Of full minutes: the present one is not over. */
  #mean(minutes: number): number {
    const counted = Math.min(minutes, MINUTES - 1);
    let sum = 0;
    for (let n = 1; n <= counted; n += 1) sum += this.#counts[(this.#minute - n + MINUTES) % MINUTES]!;
    return sum / counted;
  }

  #turn(now: number): void {
    const minute = Math.floor(now / MINUTE);
    if (minute <= this.#minute) return;
    if (minute - this.#minute >= MINUTES) this.#counts.fill(0);
    else for (let n = this.#minute + 1; n <= minute; n += 1) this.#counts[n % MINUTES] = 0;
    this.#minute = minute;
  }
}
