import { type Clock, type Log, type SpoolId, causeText, delay } from "../kernel/index.ts";
import type { Intent, NewAttempt, Spool, TenantSettlement } from "../spool/index.ts";
import { isDatabaseAway, isDatabaseFull } from "../store/index.ts";
import type { Work } from "./work.ts";

const RETRY_MS = 500;

/** What the database must hear of, kept in mind while it is away: an answer once given is never forgotten. */
export class WriteDown {
  readonly #spool: Spool;
  readonly #clock: Clock;
  readonly #log: Log;
  /** Messages that may be leased to this node without its knowledge. */
  readonly #suspects = new Set<SpoolId>();
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
      this.suspect(spoolId);
      return "unknown";
    }
  }

  /** Tries until it is written, the lease is lost, or this process ends. @returns false where the lease was lost. */
  async settle(step: TenantSettlement): Promise<boolean> {
    for (;;) {
      try {
        return await this.#spool.settle(step);
      } catch (error) {
        if (!isDatabaseAway(error) && !isDatabaseFull(error)) throw error;
        if (this.#givenUp) return false; // the next process finds the intent and asks the provider
        await delay(this.#clock, RETRY_MS);
      }
    }
  }

  suspect(spoolId: SpoolId): void {
    this.#suspects.add(spoolId);
  }

  /** Gives suspects back to the queue; called from time to time while the database answers. */
  async releaseSuspects(): Promise<void> {
    if (this.#suspects.size === 0) return;
    const ids = [...this.#suspects];
    const released = await this.#spool.releaseOwn(ids);
    for (const id of ids) this.#suspects.delete(id);
    this.#log.info("lease.suspects-released", { asked: ids.length, released });
  }

  /** From now on nothing waits for a database that is away. */
  giveUp(): void {
    this.#givenUp = true;
  }
}
