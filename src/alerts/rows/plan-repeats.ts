import type { AlertSeverity } from "../../config/index.ts";
import type { Queryable } from "../../store/index.ts";

/** Few enough that their locks last a moment. */
const AT_ONCE = 50;

/**
 * Alerts that nobody has taken on and that were last told of before `toldBefore` are told again. One row per target, used
 * anew: however long it lasts, what waits is bounded. A target that has not heard yet that it began is left alone.
 * Index: alerts_open (at most 500 rows).
 */
export async function planRepeats(
  database: Queryable,
  severities: readonly AlertSeverity[],
  toldBefore: number,
  now: number,
): Promise<void> {
  await database.query(
    `WITH due AS MATERIALIZED (
       SELECT alert_id FROM alerts WHERE resolved_at IS NULL AND acknowledged_at IS NULL AND severity = ANY ($3)
         AND coalesce(told_at, raised_at) <= $1
       ORDER BY alert_id LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED
     ), noted AS (
       UPDATE alerts a SET told_at = $2 FROM due WHERE a.alert_id = due.alert_id
     )
     INSERT INTO alert_deliveries (alert_id, target, telling, state, due_at)
     SELECT d.alert_id, d.target, 'repeated', 'waiting', $2 FROM alert_deliveries d JOIN due USING (alert_id)
     WHERE d.telling = 'raised' AND d.state <> 'waiting'
     ON CONFLICT (alert_id, target, telling) DO UPDATE
       SET state = 'waiting', tries = 0, due_at = excluded.due_at, last_error = NULL, answer = NULL, spool_id = NULL
       WHERE alert_deliveries.state <> 'waiting'`,
    [new Date(toldBefore), new Date(now), severities],
  );
}
