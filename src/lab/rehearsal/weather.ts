import type { Clock, Random } from "../../kernel/index.ts";
import type { Fate, SentMessage, TwinWeather } from "../twins/index.ts";
import { type Latency, draw, exponential } from "./model/latencies.ts";

export type WeatherPlan = {
  /** From when the provider took a message until its receiver has it. */
  latency: Latency;
  /** From then until the provider tells of it, in the mean. */
  toldAfterMs: number;
  /** Share of messages that arrive and of which nothing is ever told. */
  neverTold: number;
};

/** docs/decisions/0018: the latencies the judge's figures are measured with. */
export const FAIR: WeatherPlan = {
  latency: { family: "log-normal", medianMs: 3_000, p95Ms: 12_000 },
  toldAfterMs: 200,
  neverTold: 0.005,
};

type Question = (message: SentMessage, now: number) => boolean;
const NEVER: Question = () => false;

/** How the world behind one provider is; a scenario changes it while it runs. Everything follows from the seed. */
export class Weather implements TwinWeather {
  readonly plan: WeatherPlan;
  readonly #random: Random;
  readonly #clock: Clock;
  /** True: the message is gone. */
  loses: Question = NEVER;
  /** Of what is gone it says all the same that it was delivered. */
  lies = false;
  /** Beyond the usual: throttling receivers, slow queues. */
  extraMs: (message: SentMessage, now: number) => number = () => 0;
  /** Receivers that say 4xx: in how long it is tried again; null: they take it. */
  putsOff: (message: SentMessage, tries: number, now: number) => number | null = () => null;
  /** Beyond the usual until it is told: batches of webhooks. */
  extraToldMs: (message: SentMessage, now: number) => number = () => 0;

  constructor({ plan = FAIR, random, clock }: { plan?: WeatherPlan; random: Random; clock: Clock }) {
    this.plan = plan;
    this.#random = random;
    this.#clock = clock;
  }

  /** All mail, from now on. */
  blackhole(): void {
    this.loses = () => true;
  }

  /** So much of it, by chance. */
  loseShare(share: number): void {
    this.loses = () => this.#random.fraction() < share;
  }

  clear(): void {
    this.loses = NEVER;
    this.lies = false;
    this.extraMs = () => 0;
    this.extraToldMs = () => 0;
    this.putsOff = () => null;
  }

  putOffMs(message: SentMessage, tries: number): number | null {
    return this.putsOff(message, tries, this.#clock.now());
  }

  fateOf(message: SentMessage): Fate {
    const { latency, toldAfterMs, neverTold } = this.plan;
    const now = this.#clock.now();
    // Always the same draws for a message, whatever becomes of it: a fault must not change the luck of all others.
    const arrivesAfterMs = draw(latency, this.#random) + this.extraMs(message, now);
    const toldMs = arrivesAfterMs + exponential(toldAfterMs, this.#random) + this.extraToldMs(message, now);
    const isTold = this.#random.fraction() >= neverTold;
    const arrives = !this.loses(message, now);
    return { arrives, arrivesAfterMs, toldAfterMs: (arrives ? isTold : this.lies) ? toldMs : null };
  }
}
