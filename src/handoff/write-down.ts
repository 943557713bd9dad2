import { type Clock, type Log, SECOND_MS, causeText, delay } from "../kernel/index.ts";
import type { Intent, Lease, NewAttempt, Spool, TenantSettlement } from "../spool/index.ts";
import { isDatabaseAway, isDatabaseFull, isRefused } from "../store/index.ts";
import type { Work } from "./work.ts";

const RETRY_MS = 500;
/** Without a reason to doubt, leases nobody knows of are looked for this often. */
const LOOK_MS = 30 * SECOND_MS;

/** What the database must hear of, kept in mind while it is away: an answer once given is never forgotten. */
export class WriteDown {
  readonly #spool: Spool;
  readonly #clock: Clock;
  readonly #log: Log;
  #doubt = true;
  #lookedAt = 0;
  #givenUp = false;

  constructor(parts: { spool: Spool; clock: Clock; log: Log }) {
    this.#spool = parts.spool;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  /**
   * Commits a try before its provider is called.
   * @returns committed · lost: someone else has the message · unknown: the commit's answer was lost, so the try must
   * not be made; the message goes back to the queue by itself.
   */
  async intend(work: Work, attempt: NewAttempt): Promise<"committed" | "lost" | "unknown"> {
    const { spoolId, fence } = work.message;
    const intent: Intent = { lease: { spoolId, fence }, attempt };
    try {
      return (await this.#spool.intend(intent)) ? "committed" : "lost";
    } catch (error) {
      this.#log.warn("intent.not-committed", { id: spoolId, cause: causeText(error) });
      this.doubt();
      return "unknown";
    }
  }

  /**
   * Tries until it is written, the lease is lost, or this process ends; a step with values that the database does not take
   * is written without the provider's words. @returns false where the lease was lost.
   */
  async settle(step: TenantSettlement): Promise<boolean> {
    const id = step.lease.spoolId;
    let given = step;
    for (;;) {
      try {
        return await this.#spool.settle(given);
      } catch (error) {
        if (isRefused(error)) {
          this.#log.error("settlement.refused", { id, cause: causeText(error) });
          if (given !== step) throw error;
          given = withoutWords(step);
          continue;
        }
        if (this.#givenUp) return false; // the next process finds the intent and asks the provider
        if (!isDatabaseAway(error) && !isDatabaseFull(error))
          this.#log.warn("settlement.not-written", { id, cause: causeText(error), next: "trying again" });
        await delay(this.#clock, RETRY_MS);
      }
    }
  }

  /** A lease or a commit may have gone through although no answer came: this node may hold what it does not know of. */
  doubt(): void {
    this.#doubt = true;
  }

  /**
   * Gives leases of this node that it does not know of back to the queue: nobody else would take them while it lives.
   * Called from time to time while the database answers, and never while messages are being leased.
   */
  async giveBackForgotten(isKnown: (lease: Lease) => boolean): Promise<void> {
    const now = this.#clock.monotonicMs();
    if (!this.#doubt && now - this.#lookedAt < LOOK_MS) return;
    this.#doubt = false; // what happens from here on is a new one
    try {
      const forgotten = (await this.#spool.leases()).filter((lease) => !isKnown(lease));
      if (forgotten.length > 0) {
        const released = await this.#spool.giveBack(forgotten);
        this.#log.warn("lease.forgotten-released", { found: forgotten.length, released });
      }
      this.#lookedAt = now;
    } catch (error) {
      this.#doubt = true;
      throw error;
    }
  }

  /** From now on nothing waits for a database that is away. */
  giveUp(): void {
    this.#givenUp = true;
  }
}

/** The only values of a step that we did not make ourselves are what a provider wrote. */
function withoutWords(step: TenantSettlement): TenantSettlement {
  const { attempt } = step;
  const plain = (text: string): string =>
    JSON.stringify(JSON.parse(text), (name, value: unknown) => (name === "diagnostic" ? null : value));
  return {
    ...step,
    attempt: attempt && {
      ...attempt,
      providerMessageId: null,
      diagnostic: null,
      mixed: attempt.mixed === null ? null : plain(attempt.mixed),
    },
    events: step.events.map((event) => ({
      ...event,
      detail: JSON.parse(plain(JSON.stringify(event.detail))) as Record<string, unknown>,
    })),
  };
}
