import { type Log, causeText } from "../kernel/index.ts";
import type { Database, Lane, Statement } from "../store/index.ts";

/** Any fixed number: one node at a time judges. */
const LOCK = 9_082_022;
/**
 * A leader that says nothing for this long (its process stands still, its machine is gone) loses its session, and the
 * lock with it: the others try once a second, so one of them leads within five. What the old one was about to write when
 * it wakes up is bound to the change it knew as the last, and refused where there is a newer one (standing/rows.ts).
 */
const SILENT_LEADER_MS = 4_000;

const TAKE: Statement = {
  name: "take-lead",
  text: `SELECT pg_backend_pid(), pg_try_advisory_lock(${LOCK}),
    set_config('idle_session_timeout', '${SILENT_LEADER_MS}', false), set_config('idle_in_transaction_session_timeout', '${SILENT_LEADER_MS}', false)`,
};
/** What is read each second is small, or else better read slowly than by all processors. */
const ALONE: Statement = { name: "alone", text: "SELECT set_config('max_parallel_workers_per_gather', '0', false)" };
/** The lane opens a new session where the old one broke: another process id, and no lock. */
const STILL: Statement = { name: "still-lead", text: "SELECT pg_backend_pid()" };

/** Whether this node leads: it holds an advisory lock on a connection of its own. */
export class Leadership {
  readonly #lane: Lane;
  readonly #log: Log;
  /** The session that holds the lock; null: this node does not lead. */
  #session: number | null = null;

  constructor({ database, log }: { database: Database; log: Log }) {
    this.#lane = database.openLane("respond");
    this.#log = log;
  }

  /** The connection of the lock: what is asked over it is asked by the leader, or fails. */
  get lane(): { execute: Lane["execute"] } {
    return this.#lane;
  }

  /** `taken`: since just now, and nothing of an earlier time may be believed. @throws Problem where the database is away: then nobody leads */
  async look(): Promise<"leads" | "taken" | "follows"> {
    const was = this.#session;
    try {
      if (was !== null) {
        const [row] = await this.#lane.execute(STILL, []);
        if (row?.[0] === was) return "leads";
        this.#lost("its session was closed");
      }
      const [row] = await this.#lane.execute(TAKE, []);
      if (row?.[1] !== true) return "follows";
      this.#session = row[0] as number;
      await this.#lane.execute(ALONE, []);
      return "taken";
    } catch (error) {
      this.#lost(causeText(error));
      throw error;
    }
  }

  /** Whoever learned that another node has acted meanwhile begins anew. */
  resign(reason: string): void {
    this.#lost(reason);
    // The lock is counted: taking it again on the same session needs no release in between.
  }

  async close(): Promise<void> {
    this.#session = null;
    await this.#lane.close();
  }

  #lost(cause: string): void {
    if (this.#session === null) return;
    this.#session = null;
    this.#log.warn("respond.lead-lost", { cause });
  }
}
