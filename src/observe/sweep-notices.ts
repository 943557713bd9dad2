import { DAY_MS } from "../kernel/index.ts";
import { SWEEP_BATCH } from "../spool/index.ts";
import type { Queryable } from "../store/index.ts";

const FOREIGN_KEPT_MS = 30 * DAY_MS;
/** An account that sends a lot for others fills no more than this: some 40 MB. */
const FOREIGN_ROWS = 200_000;

/** Forgets notices that could not be believed again, and what was told of others' mail. @returns the larger count of rows deleted. */
export async function sweepNotices(database: Queryable, now: number): Promise<number> {
  const seen = await database.query(
    `DELETE FROM seen_notices WHERE (provider, id_hash) IN (
       SELECT provider, id_hash FROM seen_notices WHERE forget_at <= $1 LIMIT ${SWEEP_BATCH}) RETURNING 1`,
    [new Date(now)],
  );
  const foreign = await database.query(
    `DELETE FROM foreign_notices WHERE foreign_id IN (
       SELECT foreign_id FROM (SELECT foreign_id, seen_at FROM foreign_notices ORDER BY foreign_id LIMIT ${SWEEP_BATCH}) oldest
       WHERE seen_at <= $1 OR foreign_id <= (SELECT max(foreign_id) - ${FOREIGN_ROWS} FROM foreign_notices)) RETURNING 1`,
    [new Date(now - FOREIGN_KEPT_MS)],
  );
  return Math.max(seen.length, foreign.length);
}
