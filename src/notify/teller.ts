import type { WebhookSettings } from "../config/index.ts";
import { type Clock, SECOND_MS } from "../kernel/index.ts";
import { noticesOf } from "./dialects/index.ts";
import type { Egress, PostAnswer } from "./egress/index.ts";
import { isTaken } from "./verdict.ts";
import type { LeasedDelivery } from "./lease-deliveries.ts";
import type { EventFacts } from "./payload.ts";

/**
 * How long calls of one delivery are begun. Each ends after twice the egress deadline at the latest, and a lease lasts a
 * minute: what is left then is told under the next one.
 */
const TELLING_MS = 25 * SECOND_MS;
/** Deliveries of which it is known what was taken already. The oldest is forgotten; its calls are then made once more. */
const REMEMBERED = 1_000;

/** What came of it: the last answer that was no success, else the last one; more: time ran out; no-word: see noticesOf. */
export type ToldAnswer = PostAnswer | { kind: "more" } | { kind: "no-word" };

/**
 * Tells of one event. Vendors that write to one recipient at a time get a call for each; the ones that were taken are not
 * made again by this node, so that one that fails does not repeat the others to their receiver.
 */
export class Teller {
  readonly #egress: Egress;
  readonly #clock: Clock;
  readonly #taken = new Map<string, Set<number>>();

  constructor(egress: Egress, clock: Clock) {
    this.#egress = egress;
    this.#clock = clock;
  }

  async tell(webhook: WebhookSettings, delivery: LeasedDelivery, facts: EventFacts): Promise<ToldAnswer> {
    const calls = noticesOf(webhook.format, facts, webhook);
    if (calls.length === 0) return { kind: "no-word" };
    const key = `${delivery.eventId} ${delivery.tenant} ${delivery.webhook}`;
    const taken = this.#taken.get(key) ?? new Set<number>();
    this.#taken.delete(key);
    const answer = await this.#call(webhook.url, calls, taken);
    if (taken.size > 0 && taken.size < calls.length) this.#remember(key, taken);
    return answer;
  }

  async #call(url: string, calls: ReturnType<typeof noticesOf>, taken: Set<number>): Promise<ToldAnswer> {
    const until = this.#clock.monotonicMs() + TELLING_MS;
    let answer: PostAnswer | null = null;
    for (const [n, notice] of calls.entries()) {
      if (taken.has(n)) continue;
      if (this.#clock.monotonicMs() >= until) return answer ?? { kind: "more" };
      const { headers, body } = notice(this.#clock.now());
      const one = await this.#egress.post(url, headers, body);
      if (isTaken(one)) taken.add(n);
      else answer = one;
      if (one.kind !== "answered") return one; // nobody is there: the rest would fare alike
    }
    return answer ?? TAKEN;
  }

  #remember(key: string, taken: Set<number>): void {
    this.#taken.set(key, taken);
    const [oldest] = this.#taken.keys();
    if (this.#taken.size > REMEMBERED && oldest !== undefined) this.#taken.delete(oldest);
  }
}

const TAKEN: PostAnswer = { kind: "answered", status: 200, retryAfterMs: null };
