import { type Clock, DAY_MS, type SpoolId, isUuid } from "../kernel/index.ts";
import { classFromNumber } from "../mail/index.ts";
import type { Database, Queryable } from "../store/index.ts";
import type { ActAnswer, QueueActs, RecipientState, RescheduleAnswer } from "./story.ts";

type Row = {
  state: "queued" | "leased" | "held" | null;
  tenant: string;
  class: number;
  accepted_at: number;
  /** Of a message that was scheduled. */
  send_at: number | null;
  expires_at: number | null;
};
/** `leafOf` makes the ledger's leaf of an act; the spool knows nothing of what is in it. */
export type ActParts = {
  database: Database;
  clock: Clock;
  leafOf(act: { spoolId: SpoolId; kind: string; actor: string; at: number }): Buffer;
  wantsEvent(tenant: string, kind: string): boolean;
  /** limits.scheduleAhead. */
  scheduleAheadMs: number;
};

/** What the event of an act says. */
type About = { actor: string; recipients?: number[] } & Record<string, unknown>;

/** What people do to a message: each act is one transaction with its event and its leaf. */
export function queueActs({ database, clock, leafOf, wantsEvent, scheduleAheadMs }: ActParts): QueueActs {
  /** Null: done. */
  type Work<No> = (tx: Queryable, row: Row, spoolId: SpoolId, now: number, about: About) => Promise<No | null>;

  const act =
    <No extends string>(kind: string, work: Work<No>, detail: Record<string, unknown> = {}) =>
    async (tenant: string | null, spoolId: SpoolId, actor: string): Promise<ActAnswer | No> => {
      if (!isUuid(spoolId)) return "not-found";
      return database.transaction(async (tx) => {
        const [known] = await tx.query<Omit<Row, "state">>(
          "SELECT tenant, class, accepted_at, send_at, expires_at FROM messages WHERE spool_id = $1 AND ($2::text IS NULL OR tenant = $2)",
          [spoolId, tenant],
        );
        if (!known) return "not-found";
        const [queued] = await tx.query<Pick<Row, "state">>("SELECT state FROM queue WHERE spool_id = $1 FOR UPDATE", [
          spoolId,
        ]);
        if (!queued) return "ended";
        if (queued.state === "leased") return "in-flight";
        const now = clock.now();
        const about: About = { actor, ...detail };
        const no = await work(tx, { ...known, ...queued }, spoolId, now, about);
        if (no !== null) return no;
        await tx.query(
          "INSERT INTO message_events (spool_id, tenant, kind, at, detail, notify) VALUES ($1, $2, $3, $4, $5, $6)",
          [spoolId, known.tenant, kind, new Date(now), about, wantsEvent(known.tenant, kind)],
        );
        await tx.query("INSERT INTO ledger_leaves (at, leaf) VALUES ($1, $2)", [
          new Date(now),
          leafOf({ spoolId, kind, actor, at: now }),
        ]);
        return "done";
      });
    };

  const end =
    (state: RecipientState): Work<never> =>
    async (tx, _row, spoolId, now, about) => {
      const ended = await tx.query<{ n: number }>(
        "UPDATE recipients SET state = $2 WHERE spool_id = $1 AND state = 'pending' RETURNING n",
        [spoolId, state],
      );
      // Those a provider took already are not told that their message expired.
      about.recipients = ended.map((one) => one.n).toSorted((one, other) => one - other);
      await tx.query("UPDATE messages SET ended_at = $2 WHERE spool_id = $1", [spoolId, new Date(now)]);
      await tx.query("DELETE FROM bodies WHERE spool_id = $1", [spoolId]);
      await tx.query("DELETE FROM queue WHERE spool_id = $1", [spoolId]);
      return null;
    };

  const move =
    (
      state: "queued" | "held",
      reason: string | null,
      dueAt: (row: Row, now: number) => number | null,
      applies: (row: Row) => boolean,
    ): Work<"not-applicable"> =>
    async (tx, row, spoolId, now) => {
      if (!applies(row)) return "not-applicable";
      const due = dueAt(row, now);
      await tx.query(
        "UPDATE queue SET state = $2, held_reason = $3, due_at = coalesce($4, due_at), fence = fence + 1 WHERE spool_id = $1",
        [spoolId, state, reason, due === null ? null : new Date(due)],
      );
      return null;
    };

  /** Its life begins with the instant it is sent at, so its end moves along. */
  const sendAt = async (tx: Queryable, row: Row, spoolId: SpoolId, at: number): Promise<null> => {
    const expiresAt = row.expires_at === null ? null : at + lifeOf(row, row.expires_at);
    await tx.query("UPDATE messages SET send_at = $2, expires_at = $3 WHERE spool_id = $1", [
      spoolId,
      new Date(at),
      expiresAt === null ? null : new Date(expiresAt),
    ]);
    await tx.query("UPDATE queue SET due_at = $2, fence = fence + 1 WHERE spool_id = $1", [spoolId, new Date(at)]);
    return null;
  };

  return {
    cancel: act("message.cancelled", end("cancelled")),
    expire: act("message.expired", end("expired")),
    hold: act(
      "message.held",
      move(
        "held",
        "by-operator",
        (row, now) => row.expires_at ?? now + FAR_MS,
        (row) => row.state === "queued",
      ),
    ),
    release: act("message.released", async (tx, row, spoolId, now, about) => {
      if (row.state !== "held") return "not-applicable";
      // A person has decided: tries that count as held, or whose end nobody knows, stand in the way no longer.
      await tx.query(
        "UPDATE attempts SET resolved = 'resent' WHERE spool_id = $1 AND resolved IS NULL AND outcome IN ('held', 'indeterminate')",
        [spoolId],
      );
      return move(
        "queued",
        null,
        () => (isScheduled(row, now) ? row.send_at : now), // its time has not come because of that
        () => true,
      )(tx, row, spoolId, now, about);
    }),
    retry: act("message.retried", async (tx, row, spoolId, now, about) => {
      if (isScheduled(row, now) && row.state === "queued") return sendAt(tx, row, spoolId, now);
      const due = move(
        "queued",
        null,
        () => now,
        (one) => one.state === "queued",
      );
      return due(tx, row, spoolId, now, about);
    }),
    async reschedule(tenant, spoolId, wanted, actor) {
      const asked = clock.now();
      if (!(wanted - asked <= scheduleAheadMs)) return "too-far"; // also where it is no number
      const at = Math.max(wanted, asked);
      const work: Work<RescheduleAnswer> = async (tx, row, id, now) => {
        if (!isScheduled(row, now) || row.state !== "queued") return "not-applicable";
        const isSecret = classFromNumber(row.class) === "C0" && row.expires_at !== null;
        if (isSecret && at - row.accepted_at > lifeOf(row, row.expires_at!)) return "beyond-secret";
        return sendAt(tx, row, id, at);
      };
      return act("message.rescheduled", work, { sendAt: new Date(at).toISOString() })(tenant, spoolId, actor);
    },
  };
}

const isScheduled = (row: Row, now: number): boolean => row.send_at !== null && row.send_at > now;
const lifeOf = (row: Row, expiresAt: number): number => expiresAt - (row.send_at ?? row.accepted_at);

/** A held message without an end of its own is looked at again after a year. */
export const FAR_MS = 365 * DAY_MS;
