import type { Queryable } from "../../store/index.ts";

/**
 * An alert that ended a moment ago goes on where nobody was told of its end yet: people never hear "it is over" of what is not.
 * Index: alerts_ended.
 * @param endedAfter its end must be younger
 */
export async function reopenAlert(tx: Queryable, key: string, endedAfter: number): Promise<boolean> {
  const [row] = await tx.query<{ id: string | number }>(
    `UPDATE alerts a SET resolved_at = NULL
     WHERE a.alert_id = (SELECT alert_id FROM alerts WHERE resolved_at > $2 AND key = $1 ORDER BY alert_id DESC LIMIT 1)
       AND NOT EXISTS (SELECT FROM alerts o WHERE o.key = $1 AND o.resolved_at IS NULL)
       AND NOT EXISTS (SELECT FROM alert_deliveries d WHERE d.alert_id = a.alert_id AND d.telling = 'resolved'
         AND (d.tries > 0 OR d.state <> 'waiting'))
     RETURNING a.alert_id AS id`,
    [key, new Date(endedAfter)],
  );
  if (!row) return false;
  await tx.query("DELETE FROM alert_deliveries WHERE alert_id = $1 AND telling = 'resolved'", [row.id]);
  return true;
}
