import { DAY_MS } from "../../kernel/index.ts";
import type { Queryable } from "../../store/index.ts";

const KEPT_MS = 400 * DAY_MS;
/** What was due this long and had no turn: its target is no longer configured. */
const FORGOTTEN_AFTER_MS = DAY_MS;
const BATCH = 500;

/** Forgets what ended long ago, and ends what nobody is there to take. @returns rows deleted; call again while it is a full batch */
export async function sweepAlerts(database: Queryable, now: number): Promise<number> {
  await database.query(
    `UPDATE alert_deliveries SET state = 'gave-up', last_error = 'no such target any more'
     WHERE state = 'waiting' AND due_at <= $1`,
    [new Date(now - FORGOTTEN_AFTER_MS)],
  );
  const gone = await database.query(
    `WITH old AS (DELETE FROM alerts WHERE alert_id IN (SELECT alert_id FROM alerts WHERE resolved_at <= $1 LIMIT ${BATCH}) RETURNING alert_id),
     told AS (DELETE FROM alert_deliveries d USING old WHERE d.alert_id = old.alert_id)
     SELECT 1 FROM old`,
    [new Date(now - KEPT_MS)],
  );
  return gone.length;
}
