import { DAY_MS, HOUR_MS, MINUTE_MS, type Random } from "../../../kernel/index.ts";
import { beta, exponential } from "./latencies.ts";
import type { WorldPlan } from "./plan.ts";

/** What goes wrong without any loss: each kind in spells that come at random. Asked in the order of time. */
export class Weather {
  readonly #plan: WorldPlan;
  readonly #random: Random;
  readonly #stalls: Spells;
  readonly #storms: Spells;
  readonly #slow: Spells;
  readonly #away: Spells;
  #lateMinute = -1;
  #lateShare = 0;

  constructor(plan: WorldPlan, random: Random) {
    const { stalls, storms, slowHours, receiverAway } = plan;
    this.#plan = plan;
    this.#random = random;
    this.#stalls = new Spells(stalls.perDay, () => between(stalls.leastMs, stalls.mostMs, random), random);
    this.#storms = new Spells(storms.perMonth / 30, () => storms.lastsMs, random);
    this.#slow = new Spells(slowHours.perMonth / 30, () => HOUR_MS, random);
    this.#away = new Spells(receiverAway.perMonth / 30, () => receiverAway.lastsMs, random);
  }

  /** When an event that is due at `at` is heard. */
  webhooksMoveAt(at: number): number {
    return this.#stalls.endOf(at) ?? at;
  }

  /** The minute's share of webhooks is late by some minutes. */
  webhookDelayMs(at: number): number {
    const { share, correlation } = this.#plan.lateWebhooks;
    if (share === 0) return 0;
    const minute = Math.floor(at / MINUTE_MS);
    if (minute !== this.#lateMinute) {
      this.#lateMinute = minute;
      const weight = 1 / correlation - 1;
      this.#lateShare = beta(share * weight, (1 - share) * weight, this.#random);
    }
    return this.#random.fraction() < this.#lateShare ? 30_000 + exponential(120_000, this.#random) : 0;
  }

  /** The group says 4xx: whatever is for it is tried again and again. */
  stormDelayMs(at: number, isOfGroup: boolean): number {
    return this.#storms.endOf(at) !== null && isOfGroup ? 60_000 + exponential(1_200_000, this.#random) : 0;
  }

  slower(at: number): number {
    return this.#slow.endOf(at) === null ? 1 : this.#plan.slowHours.slower;
  }

  isAway(at: number, receiver: string): boolean {
    return receiver === "mx1" && this.#away.endOf(at) !== null;
  }
}

class Spells {
  readonly #perDay: number;
  readonly #lastsMs: () => number;
  readonly #random: Random;
  #from: number;
  #until: number;

  constructor(perDay: number, lastsMs: () => number, random: Random) {
    this.#perDay = perDay;
    this.#lastsMs = lastsMs;
    this.#random = random;
    this.#from = this.#next(0);
    this.#until = this.#from + lastsMs();
  }

  /** Of the spell that lasts at `at`; null: there is none. A spell that a few late questions miss is over. */
  endOf(at: number): number | null {
    while (at >= this.#until) {
      this.#from = this.#next(this.#until);
      this.#until = this.#from + this.#lastsMs();
    }
    return at >= this.#from ? this.#until : null;
  }

  #next(after: number): number {
    return this.#perDay === 0 ? Infinity : after + exponential(DAY_MS / this.#perDay, this.#random);
  }
}

const between = (least: number, most: number, random: Random): number => least + (most - least) * random.fraction();
