import type { SpoolId } from "../kernel/index.ts";
import type { Database } from "../store/index.ts";

/** done: it will not be sent (again) · again: something took its place before · unknown: this tenant has no such message. */
export type SupersedeAnswer = "done" | "again" | "unknown";

export type Superseding = {
  tenant: string;
  /** What is replaced, and by what. */
  spoolId: SpoolId;
  by: SpoolId;
  /** Who asked for it: `api:app`. */
  actor: string;
  leaf: Buffer;
  notify: boolean;
};

/**
 * Marks a message as replaced: whoever leases it from now on ends it. One that waits ends here; one that is under way loses its
 * lease, so that no further try is made. Its text goes.
 */
export function supersede(
  database: Pick<Database, "transaction">,
  { tenant, spoolId, by, actor, leaf, notify }: Superseding,
  now: number,
): Promise<SupersedeAnswer> {
  const at = new Date(now);
  return database.transaction(async (tx) => {
    const marked = await tx.query(
      "UPDATE messages SET superseded_by = $3 WHERE spool_id = $1 AND tenant = $2 AND superseded_by IS NULL RETURNING 1",
      [spoolId, tenant, by],
    );
    if (marked.length === 0) {
      const known = await tx.query("SELECT 1 FROM messages WHERE spool_id = $1 AND tenant = $2", [spoolId, tenant]);
      return known.length === 0 ? "unknown" : "again";
    }
    const [queued] = await tx.query<{ state: string }>("SELECT state FROM queue WHERE spool_id = $1 FOR UPDATE", [
      spoolId,
    ]);
    let recipients: number[] = [];
    if (queued?.state === "leased") {
      await tx.query(
        "UPDATE queue SET state = 'queued', lease_node = NULL, due_at = $2, fence = fence + 1 WHERE spool_id = $1",
        [spoolId, at],
      );
    } else {
      const rows = await tx.query<{ n: number }>(
        "UPDATE recipients SET state = 'cancelled', reason = 'superseded' WHERE spool_id = $1 AND state = 'pending' RETURNING n",
        [spoolId],
      );
      recipients = rows.map(({ n }) => n).toSorted((one, other) => one - other);
      if (queued) {
        await tx.query("UPDATE messages SET ended_at = $2 WHERE spool_id = $1", [spoolId, at]);
        await tx.query("DELETE FROM queue WHERE spool_id = $1", [spoolId]);
      }
      await tx.query("DELETE FROM bodies WHERE spool_id = $1", [spoolId]);
    }
    await tx.query(
      "INSERT INTO message_events (spool_id, tenant, kind, at, detail, notify) VALUES ($1, $2, 'message.superseded', $3, $4, $5)",
      [spoolId, tenant, at, { by, actor, recipients }, notify],
    );
    await tx.query("INSERT INTO ledger_leaves (at, leaf) VALUES ($1, $2)", [at, leaf]);
    return "done";
  });
}
