import { backoffMs, type Clock, MINUTE_MS, type Random, type RetrySchedule, SECOND_MS } from "../../kernel/index.ts";
import type { Outcome } from "../../mail/index.ts";
import { BoundedMap } from "./bounded-map.ts";
import { deferredFor } from "./outcomes.ts";

/** What one recipient domain is given of us. */
export type DomainBounds = { connections: number; ratePerS: number | null };

/** A place in the line of a domain; given back once. */
export type Permit = { leave(): void };

/** A domain that does not answer is asked by one message each time, and all others do not wait for it. */
const REST: RetrySchedule = { firstMs: 20 * SECOND_MS, factor: 2, maxMs: 15 * MINUTE_MS, jitter: 0.2 };
/** Of the time a hand-off may take; whoever waits longer had better go another way. */
const WAIT_MS = 10 * SECOND_MS;
/** A hundred bytes each; those in use stay. */
const DOMAINS = 10_000;

type Domain = {
  inUse: number;
  waiting: ((permit: Permit | null) => void)[];
  tokens: number;
  tokensAtMs: number;
  failures: number;
  restsUntilMs: number;
  why: string;
};

/**
 * The bounds of each recipient domain on this node: so many at once, so many a second, and a rest for one that is away.
 * Invariant: every permit that was given is counted until it is given back.
 */
export class Domains {
  readonly #bounds: DomainBounds;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #domains = new BoundedMap<string, Domain>(DOMAINS, (one) => one.inUse === 0 && one.waiting.length === 0);

  constructor(bounds: DomainBounds, { clock, random }: { clock: Clock; random: Random }) {
    this.#bounds = bounds;
    this.#clock = clock;
    this.#random = random;
  }

  /** A permit, or why there is none: the domain rests, or too many wait for it. */
  async enter(name: string, signal: AbortSignal): Promise<Permit | Outcome> {
    const domain = this.#domainOf(name);
    const resting = this.#resting(domain);
    if (resting) return resting;
    const permit =
      domain.inUse < this.#bounds.connections ? this.#permitOf(domain) : await this.#inLine(domain, signal);
    if (permit === null) return signal.aborted ? ABORTED : deferredFor("domain-busy");
    const wait = this.#takeToken(domain);
    if (wait === 0) return permit;
    if (wait > WAIT_MS) {
      permit.leave();
      return deferredFor("domain-busy");
    }
    await this.#pause(wait, signal);
    // Meanwhile it may have turned out to be away.
    const meanwhile = signal.aborted ? ABORTED : this.#resting(domain);
    if (meanwhile) permit.leave();
    return meanwhile ?? permit;
  }

  /** None of its hosts could be spoken to, or it asked for less. */
  rest(name: string, why: string): void {
    const domain = this.#domainOf(name);
    const now = this.#clock.monotonicMs();
    if (now < domain.restsUntilMs) return; // those that were on their way together are one failure
    domain.failures += 1;
    domain.restsUntilMs = now + backoffMs(REST, domain.failures, this.#random);
    domain.why = why;
  }

  /** It answered. */
  works(name: string): void {
    const domain = this.#domainOf(name);
    domain.failures = 0;
    domain.restsUntilMs = 0;
  }

  #domainOf(name: string): Domain {
    let domain = this.#domains.get(name);
    if (!domain) {
      const { ratePerS } = this.#bounds;
      domain = {
        inUse: 0,
        waiting: [],
        tokens: Math.max(1, ratePerS ?? 0),
        tokensAtMs: this.#clock.monotonicMs(),
        failures: 0,
        restsUntilMs: 0,
        why: "",
      };
      this.#domains.set(name, domain);
    }
    return domain;
  }

  #resting(domain: Domain): Outcome | null {
    return this.#clock.monotonicMs() < domain.restsUntilMs ? deferredFor("domain-resting", domain.why) : null;
  }

  #permitOf(domain: Domain): Permit {
    domain.inUse += 1;
    let left = false;
    return {
      leave: () => {
        if (left) return;
        left = true;
        domain.inUse -= 1;
        const next = domain.waiting.shift();
        next?.(this.#permitOf(domain));
      },
    };
  }

  #inLine(domain: Domain, signal: AbortSignal): Promise<Permit | null> {
    return new Promise((resolve) => {
      const served = (permit: Permit | null) => {
        timer.cancel();
        signal.removeEventListener("abort", giveUp);
        resolve(permit);
      };
      const giveUp = () => {
        const at = domain.waiting.indexOf(served);
        if (at === -1) return;
        domain.waiting.splice(at, 1);
        served(null);
      };
      const timer = this.#clock.after(WAIT_MS, giveUp);
      signal.addEventListener("abort", giveUp);
      domain.waiting.push(served);
      if (signal.aborted) giveUp();
    });
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const over = () => {
        timer.cancel();
        signal.removeEventListener("abort", over);
        resolve();
      };
      const timer = this.#clock.after(ms, over);
      signal.addEventListener("abort", over);
      if (signal.aborted) over();
    });
  }

  /** Takes one now or ahead; gives the wait until it is there. */
  #takeToken(domain: Domain): number {
    const { ratePerS } = this.#bounds;
    if (ratePerS === null) return 0;
    const now = this.#clock.monotonicMs();
    domain.tokens = Math.min(Math.max(1, ratePerS), domain.tokens + ((now - domain.tokensAtMs) * ratePerS) / 1000);
    domain.tokensAtMs = now;
    const wait = domain.tokens >= 1 ? 0 : Math.ceil(((1 - domain.tokens) * 1000) / ratePerS);
    if (wait <= WAIT_MS) domain.tokens -= 1;
    return wait;
  }
}

const ABORTED: Outcome = { kind: "deferred", scope: "message", cause: "aborted" };
