import { DAY_MS, HOUR_MS } from "../kernel/index.ts";
import { SWEEP_BATCH } from "../spool/index.ts";
import type { Queryable } from "../store/index.ts";

/** Hours are added up from minutes for as long as these are counted (26 h), and the shortest windows read them. */
const MINUTES_KEPT_MS = 48 * HOUR_MS;
/** The longest window is 90 days. */
const HOURS_KEPT_MS = 100 * DAY_MS;

/** Forgets old counts. Index: the primary keys, by time. @returns rows deleted, of the table that gave the most */
export async function sweepCounts(database: Queryable, now: number): Promise<number> {
  const tables = [
    ["slo_minutes", "minute", MINUTES_KEPT_MS],
    ["slo_hours", "hour", HOURS_KEPT_MS],
    ["slo_counted", "minute", MINUTES_KEPT_MS],
  ] as const;
  let most = 0;
  for (const [table, time, keptMs] of tables) {
    const rows = await database.query(
      `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM ${table} WHERE ${time} < $1 LIMIT ${SWEEP_BATCH})) RETURNING 1`,
      [new Date(now - keptMs)],
    );
    most = Math.max(most, rows.length);
  }
  return most;
}
