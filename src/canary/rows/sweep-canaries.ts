import { DAY_MS } from "../../kernel/index.ts";
import { SWEEP_BATCH } from "../../spool/index.ts";
import type { Queryable } from "../../store/index.ts";
import { CANARY_TENANT } from "../tenant.ts";

/** A fortnight of canaries is what latencies are refitted from. */
const KEPT_MS = 14 * DAY_MS;
/** Eight providers fill so many in a fortnight: some 200 MB. */
const ROWS_MOST = 300_000;
/** Their messages are asked about within the day or never. */
const MESSAGES_KEPT_MS = DAY_MS;

/** Forgets old canaries, and their messages long before customers' ones. @returns the larger count of rows deleted. */
export async function sweepCanaries(database: Queryable, now: number): Promise<number> {
  const canaries = await database.query(
    `DELETE FROM canaries WHERE canary_id IN (
       SELECT canary_id FROM (SELECT canary_id, sent_at, change_id FROM canaries ORDER BY sent_at LIMIT ${SWEEP_BATCH}) oldest
       WHERE sent_at <= $1 OR (SELECT count(*) FROM canaries) > ${ROWS_MOST}) RETURNING 1`,
    [new Date(now - KEPT_MS)],
  );
  const messages = await database.query<{ spool_id: string }>(
    `DELETE FROM messages WHERE spool_id IN (
       SELECT spool_id FROM (SELECT spool_id, ended_at FROM messages WHERE tenant = '${CANARY_TENANT}' ORDER BY spool_id LIMIT ${SWEEP_BATCH}) oldest
       WHERE ended_at <= $1) RETURNING spool_id`,
    [new Date(now - MESSAGES_KEPT_MS)],
  );
  const ids = messages.map((row) => row.spool_id);
  for (const table of ["recipients", "bodies", "attempts", "message_events"])
    if (ids.length > 0) await database.query(`DELETE FROM ${table} WHERE spool_id = ANY($1)`, [ids]);
  return Math.max(canaries.length, messages.length);
}
