import type { ProviderBounds } from "../config/index.ts";
import type { Clock, Log } from "../kernel/index.ts";
import type { Metrics } from "../metrics/index.ts";
import type { Provider } from "../providers/index.ts";
import {
  type Breaker,
  type Candidate,
  type RoutedMessage,
  type Signal,
  type Use,
  afterSignal,
  atTime,
  closedBreaker,
  mayUse,
} from "../route/index.ts";
import { RateBound } from "./rate.ts";

const WHY_MOVED = {
  "half-open": "the next message tries whether it works again",
  closed: "it works again",
} as const;

/** What verdicts say of a provider; see src/standing. */
export type Verdicts = {
  useOf(provider: string, message: RoutedMessage): Use & { why?: string };
};

export type DeskParts = { clock: Clock; log: Log; metrics: Metrics; verdicts?: Verdicts };

const NOTHING_AGAINST_IT: Use = { use: "yes" };

/** One provider at work: its slots, its rate, its breaker. What the route sees of it is read live, never copied. */
export class Desk implements Candidate {
  readonly provider: Provider;
  readonly #bounds: ProviderBounds;
  readonly #rate: RateBound | null;
  readonly #parts: DeskParts;
  #breaker: Breaker = closedBreaker();
  #inUse = 0;

  constructor(provider: Provider, bounds: ProviderBounds, parts: DeskParts) {
    this.provider = provider;
    this.#bounds = bounds;
    this.#parts = parts;
    this.#rate = bounds.ratePerS === null ? null : new RateBound(bounds.ratePerS, parts.clock.monotonicMs());
    parts.metrics.breaker(provider.name, "closed");
  }

  get name(): string {
    return this.provider.name;
  }
  get ownerGroup(): string {
    return this.provider.ownerGroup;
  }
  get usable(): boolean {
    return mayUse(this.#now());
  }
  get healthy(): boolean {
    return this.#now().state === "closed";
  }
  get pinned(): boolean {
    return this.#now().state === "pinned";
  }
  get reason(): string {
    const { state, reason } = this.#now();
    return state === "closed" ? "" : `${state}: ${reason}`;
  }
  get free(): boolean {
    return this.#inUse < this.#bounds.concurrency && this.rateWaitMs === 0;
  }
  verdict(message: RoutedMessage): Use & { why?: string } {
    return this.#parts.verdicts?.useOf(this.name, message) ?? NOTHING_AGAINST_IT;
  }
  /** Hand-offs that may be on their way at once. */
  get slots(): number {
    return this.#bounds.concurrency;
  }
  get inUse(): number {
    return this.#inUse;
  }
  /** Until the rate allows one more; 0 when it does now. */
  get rateWaitMs(): number {
    return this.#rate?.waitMs(this.#parts.clock.monotonicMs()) ?? 0;
  }

  /** Takes a slot and a token; the caller has seen that both are free. */
  take(): void {
    this.#inUse += 1;
    this.#parts.metrics.inFlight(this.name, this.#inUse);
    this.#rate?.take(this.#parts.clock.monotonicMs());
    if (this.#breaker.state === "half-open") this.#breaker = { ...this.#breaker, trialOnTheWay: true };
  }

  /**
   * Gives the slot back.
   * @param signal null where nothing was learned of the provider
   * @param begunMs on the steady clock: when that hand-off began
   */
  give(signal: Signal | null, begunMs?: number): void {
    this.#inUse -= 1;
    this.#parts.metrics.inFlight(this.name, this.#inUse);
    if (signal) this.#become(afterSignal(this.#now(), signal, this.#parts.clock.monotonicMs(), begunMs));
    else if (this.#breaker.trialOnTheWay) this.#breaker = { ...this.#breaker, trialOnTheWay: false };
  }

  #now(): Breaker {
    if (this.#breaker.state === "closed" || this.#breaker.state === "half-open") return this.#breaker;
    this.#become(atTime(this.#breaker, this.#parts.clock.monotonicMs()));
    return this.#breaker;
  }

  #become(next: Breaker): void {
    const before = this.#breaker.state;
    this.#breaker = next;
    if (next.state === before) return;
    this.#parts.metrics.breaker(this.name, next.state);
    const fields = { provider: this.name, from: before, to: next.state };
    if (next.state === "open" || next.state === "pinned") {
      const untilTrialMs = Math.max(0, Math.round(next.untilMs - this.#parts.clock.monotonicMs()));
      this.#parts.log.warn("breaker.opened", { ...fields, reason: next.reason, untilTrialMs });
    } else {
      // Half-open still has the reason it opened for, which would read as if the trial had failed.
      this.#parts.log.info("breaker.moved", { ...fields, reason: WHY_MOVED[next.state] });
    }
  }
}
