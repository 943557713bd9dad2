import { DAY_MS, HOUR_MS, MINUTE_MS } from "../kernel/index.ts";
import { PACE_GROWTH } from "../spool/index.ts";

/** What one node may hand over an hour, and since when; `grows`: an hour after each step the allowance may be PACE_GROWTH times as much. */
export type Allowance = { perHour: number; stepAt: number; grows: boolean };

/** So far ahead the line is drawn up; beyond, it is not known how the allowance will stand. */
const HORIZON_MS = DAY_MS;
const MOST_STEPS = 18;
/** Of a token: whoever comes at its turn is not sent away for a rounding of the clock. What it takes too much is missing afterwards. */
const SLACK = 0.05;

/**
 * A line before a narrow door: tokens come by the hour, and whoever finds none is told when its turn is. Turns are handed out as if
 * the allowance grew as soon as it may, so that none is left unused. Who comes back and finds no token after all, since the allowance
 * did not grow or was cut, goes to the head of the line and not to its end, one behind the other.
 * Instants are milliseconds since the epoch.
 */
export class PaceLine {
  #allowance: Allowance;
  #tokens = 1;
  #at: number;
  /** When the last turn that was handed out is over. */
  #end = 0;
  /** The same of the head, where those stand who came back too soon. */
  #headEnd = 0;

  /** @param saved it begins with a minute's worth of tokens. */
  constructor(allowance: Allowance, now: number, { saved = false }: { saved?: boolean } = {}) {
    this.#allowance = allowance;
    this.#at = now;
    if (saved) this.#tokens = this.#most;
  }

  set(allowance: Allowance, now: number): void {
    this.#refill(now);
    const slower = allowance.perHour < this.#allowance.perHour;
    this.#allowance = allowance;
    if (slower) this.#tokens = Math.min(this.#tokens, this.#most);
  }

  /** @param waited it was put off before: a newcomer passes nobody who was. @returns whether it may go; a token is taken then */
  mayGo(now: number, waited: boolean): boolean {
    this.#refill(now);
    if (this.#tokens < 1 - SLACK || (!waited && Math.max(this.#end, this.#headEnd) > now)) return false;
    this.#tokens -= 1;
    return true;
  }

  /** When its turn is: at the end of the line, or among those who came back too soon. */
  turn(now: number, waited: boolean): number {
    this.#refill(now);
    const next = now + Math.max(0, 1 - this.#tokens) / this.#perMs(now);
    const start = Math.min(now + HORIZON_MS, Math.max(next, waited ? this.#headEnd : this.#end));
    const end = Math.min(now + HORIZON_MS, start + 1 / this.#perMs(start));
    if (waited) this.#headEnd = end;
    else this.#end = end;
    return Math.ceil(start);
  }

  /** A minute's worth may be saved up. */
  get #most(): number {
    return Math.max(1, (this.#allowance.perHour * MINUTE_MS) / HOUR_MS);
  }

  /** Messages a millisecond at that instant, as far as can be foreseen. */
  #perMs(at: number): number {
    const { perHour, stepAt, grows } = this.#allowance;
    const steps = grows ? Math.min(MOST_STEPS, Math.max(0, Math.floor((at - stepAt) / HOUR_MS))) : 0;
    return (perHour * PACE_GROWTH ** steps) / HOUR_MS;
  }

  #refill(now: number): void {
    if (now <= this.#at) return;
    this.#tokens = Math.min(this.#most, this.#tokens + ((now - this.#at) * this.#allowance.perHour) / HOUR_MS);
    this.#at = now;
  }
}
