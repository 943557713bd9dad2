import type { Standing } from "../judge/index.ts";
import { MINUTE_MS } from "../kernel/index.ts";
import { REDRIVE_PART_LOST } from "../spool/index.ts";
import type { RedriveOrder } from "./ports.ts";

/** A loss of a part is found minutes after it began (of 10 %, 95 % within 20): so much of what was handed off before is in doubt. */
const LOOK_BACK_MS = 25 * MINUTE_MS;
/** What nothing is heard of by then is missing and not late. */
const PATIENCE_MS = MINUTE_MS;
const TURN_MS = MINUTE_MS;

type Doubt = { from: number; until: number | null };

/**
 * While a part of a provider's mail is lost it carries on with what is not moved away, and of that a part is lost as well. So
 * what it was given and nothing is heard of goes another way in turns, each about the mail of a minute, until the loss is
 * over. A verdict that withdraws it orders all of its mail and ends the turns.
 */
export class LossTurns {
  readonly #doubts = new Map<string, Doubt>();

  /** @returns the turns that are due; each is given once */
  due(now: number, standings: Iterable<readonly [string, Standing]>): RedriveOrder[] {
    const orders: RedriveOrder[] = [];
    for (const [provider, { state, since, because }] of standings) {
      const doubt = this.#doubts.get(provider) ?? { from: since - LOOK_BACK_MS, until: null };
      const isLosing = state === "SUSPECT" && because.kind === "partial-loss";
      if (isLosing) {
        doubt.until = null;
        this.#doubts.set(provider, doubt);
      } else if (!this.#doubts.has(provider)) continue;
      else if (state === "HEALTHY" || state === "EVENTS_DARK" || state === "SUSPECT") doubt.until ??= now;
      else {
        this.#doubts.delete(provider);
        continue;
      }
      const isLast = doubt.until !== null && now - PATIENCE_MS >= doubt.until;
      const verdictAt = isLast ? doubt.until! : now - PATIENCE_MS;
      if (!isLast && verdictAt - doubt.from < TURN_MS) continue;
      if (isLast) this.#doubts.delete(provider);
      if (verdictAt > doubt.from)
        orders.push({ provider, scope: "", sinceAt: doubt.from, verdictAt, reason: REDRIVE_PART_LOST });
      doubt.from = verdictAt;
    }
    return orders;
  }
}
