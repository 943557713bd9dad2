import { type Clock, type SpoolId, isUuid } from "../kernel/index.ts";
import type { Database, Queryable } from "../store/index.ts";
import type { ActAnswer, QueueActs, RecipientState } from "./story.ts";

type Row = { state: "queued" | "leased" | "held" | null; tenant: string; expires_at: number | null };
/** `leafOf` makes the ledger's leaf of an act; the spool knows nothing of what is in it. */
export type ActParts = {
  database: Database;
  clock: Clock;
  leafOf(act: { spoolId: SpoolId; kind: string; actor: string; at: number }): Buffer;
  wantsEvent(tenant: string, kind: string): boolean;
};

/** What people do to a message: each act is one transaction with its event and its leaf. */
export function queueActs({ database, clock, leafOf, wantsEvent }: ActParts): QueueActs {
  type Work = (tx: Queryable, row: Row, spoolId: SpoolId, now: number) => Promise<boolean>;

  const act =
    (kind: string, work: Work) =>
    async (tenant: string | null, spoolId: SpoolId, actor: string): Promise<ActAnswer> => {
      if (!isUuid(spoolId)) return "not-found";
      return database.transaction(async (tx) => {
        const [known] = await tx.query<{ tenant: string; ended_at: number | null; expires_at: number | null }>(
          "SELECT tenant, ended_at, expires_at FROM messages WHERE spool_id = $1 AND ($2::text IS NULL OR tenant = $2)",
          [spoolId, tenant],
        );
        if (!known) return "not-found";
        const [queued] = await tx.query<Pick<Row, "state">>("SELECT state FROM queue WHERE spool_id = $1 FOR UPDATE", [
          spoolId,
        ]);
        if (!queued) return "ended";
        if (queued.state === "leased") return "in-flight";
        const now = clock.now();
        if (!(await work(tx, { ...known, ...queued }, spoolId, now))) return "not-applicable";
        await tx.query(
          "INSERT INTO message_events (spool_id, tenant, kind, at, detail, notify) VALUES ($1, $2, $3, $4, $5, $6)",
          [spoolId, known.tenant, kind, new Date(now), { actor }, wantsEvent(known.tenant, kind)],
        );
        await tx.query("INSERT INTO ledger_leaves (at, leaf) VALUES ($1, $2)", [
          new Date(now),
          leafOf({ spoolId, kind, actor, at: now }),
        ]);
        return "done";
      });
    };

  const end =
    (state: RecipientState): Work =>
    async (tx, _row, spoolId, now) => {
      await tx.query("UPDATE recipients SET state = $2 WHERE spool_id = $1 AND state = 'pending'", [spoolId, state]);
      await tx.query("UPDATE messages SET ended_at = $2 WHERE spool_id = $1", [spoolId, new Date(now)]);
      await tx.query("DELETE FROM bodies WHERE spool_id = $1", [spoolId]);
      await tx.query("DELETE FROM queue WHERE spool_id = $1", [spoolId]);
      return true;
    };

  const move =
    (
      state: "queued" | "held",
      reason: string | null,
      dueAt: (row: Row, now: number) => number | null,
      applies: (row: Row) => boolean,
    ): Work =>
    async (tx, row, spoolId, now) => {
      if (!applies(row)) return false;
      const due = dueAt(row, now);
      await tx.query(
        "UPDATE queue SET state = $2, held_reason = $3, due_at = coalesce($4, due_at), fence = fence + 1 WHERE spool_id = $1",
        [spoolId, state, reason, due === null ? null : new Date(due)],
      );
      return true;
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
    release: act("message.released", async (tx, row, spoolId, now) => {
      if (row.state !== "held") return false;
      // A person has decided: tries that count as held, or whose end nobody knows, stand in the way no longer.
      await tx.query(
        "UPDATE attempts SET resolved = 'resent' WHERE spool_id = $1 AND resolved IS NULL AND outcome IN ('held', 'indeterminate')",
        [spoolId],
      );
      return move(
        "queued",
        null,
        () => now,
        () => true,
      )(tx, row, spoolId, now);
    }),
    retry: act(
      "message.retried",
      move(
        "queued",
        null,
        (_row, now) => now,
        (row) => row.state === "queued",
      ),
    ),
  };
}

/** A held message without an end of its own is looked at again after a year. */
export const FAR_MS = 365 * 86_400_000;
