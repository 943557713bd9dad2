import { HOUR_MS, MINUTE_MS, type Random } from "../../kernel/index.ts";
import type { SentMessage } from "../twins/index.ts";

export type ThrottlePlan = {
  /** From one hour to a later one: more than so many times of the best hour it knows, and a receiver puts off. */
  growth: number;
  /** A provider's usual best hour of this sender's mail, all receivers together. */
  usualPerHour(provider: string): number;
  /** Domains; each keeps a count of its own. All others take whatever comes, as our own receivers of canaries do. */
  receivers: readonly string[];
  random: Random;
};

/** When a provider tries again what was put off: 5 minutes, 10, 20, 40, then each hour, give or take a fifth. */
const FIRST_RETRY_MS = 5 * MINUTE_MS;
const LAST_RETRY_MS = HOUR_MS;
const JITTER = 0.2;

/** One answer of a receiver. */
export type DoorAnswer = { at: number; provider: string; putOff: boolean };

/**
 * Receivers that are wary of senders who grow: of each provider a receiver takes in any sixty minutes no more than so many
 * times of what it took in the best sixty minutes that ended an hour ago or earlier. Beyond that it says 4xx, and the
 * provider tries again later.
 */
export class Throttle {
  readonly answers: DoorAnswer[] = [];
  readonly #plan: ThrottlePlan;
  readonly #known = new Map<string, Known>();

  constructor(plan: ThrottlePlan) {
    this.#plan = plan;
  }

  /** For Weather.putsOff of one provider. */
  of(provider: string): (message: SentMessage, tries: number, now: number) => number | null {
    return ({ recipients }, tries, now) => {
      const domain = recipients[0]?.split("@")[1] ?? "";
      if (!this.#plan.receivers.includes(domain)) return null;
      const putOff = !this.#knownOf(provider, domain).takes(now, this.#plan.growth);
      this.answers.push({ at: now, provider, putOff });
      if (!putOff) return null;
      const jitter = 1 + JITTER * (2 * this.#plan.random.fraction() - 1);
      return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** tries) * jitter;
    };
  }

  #knownOf(provider: string, domain: string): Known {
    const key = `${provider} ${domain}`;
    let known = this.#known.get(key);
    if (!known) {
      known = new Known(this.#plan.usualPerHour(provider) / this.#plan.receivers.length);
      this.#known.set(key, known);
    }
    return known;
  }
}

/** What one receiver knows of one provider's mail from this sender. */
class Known {
  /** The best hour that ended an hour ago or earlier. */
  #best: number;
  /** Instants at which it took a message, of the last hour. */
  readonly #taken: number[] = [];
  /** How many it had taken in the hour that ended at an instant, of the last hour. */
  readonly #hours: { at: number; count: number }[] = [];

  constructor(usual: number) {
    this.#best = usual;
  }

  takes(now: number, growth: number): boolean {
    while (this.#taken.length > 0 && this.#taken[0]! <= now - HOUR_MS) this.#taken.shift();
    while (this.#hours.length > 0 && this.#hours[0]!.at <= now - HOUR_MS)
      this.#best = Math.max(this.#best, this.#hours.shift()!.count);
    if (this.#taken.length + 1 > growth * this.#best) return false;
    this.#taken.push(now);
    this.#hours.push({ at: now, count: this.#taken.length });
    return true;
  }
}
