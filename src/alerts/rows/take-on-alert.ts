import type { Queryable } from "../../store/index.ts";

/** Somebody has it. @returns false: it is over, somebody has it already, or there is none. */
export async function takeOnAlert(tx: Queryable, alertId: number, by: string, at: number): Promise<boolean> {
  const rows = await tx.query(
    `UPDATE alerts SET acknowledged_at = $3, acknowledged_by = $2
     WHERE alert_id = $1 AND resolved_at IS NULL AND acknowledged_at IS NULL RETURNING 1`,
    [alertId, by, new Date(at)],
  );
  return rows.length > 0;
}
