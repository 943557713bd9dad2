import type { Queryable } from "../../store/index.ts";

/**
 * That somebody has it, or that it is over: to those who are told that it began. That it lasts is news no longer.
 * @param telling of `acknowledged`, those who are still to hear that it began hear nothing more
 */
export async function planFollowing(
  tx: Queryable,
  alertId: number,
  telling: "acknowledged" | "resolved",
  dueAt: number,
): Promise<void> {
  await tx.query(
    `DELETE FROM alert_deliveries WHERE alert_id = $1 AND state = 'waiting' AND tries = 0
       AND (telling = 'repeated' OR (telling = 'acknowledged' AND $2 = 'resolved'))`,
    [alertId, telling],
  );
  await tx.query(
    `INSERT INTO alert_deliveries (alert_id, target, telling, state, due_at)
     SELECT alert_id, target, $2, 'waiting', $3 FROM alert_deliveries
     WHERE alert_id = $1 AND telling = 'raised' AND (state <> 'waiting' OR $2 = 'resolved') ON CONFLICT DO NOTHING`,
    [alertId, telling, new Date(dueAt)],
  );
}
