import type { Queryable } from "../../store/index.ts";

/** That it began, to each of `targets`. */
export async function planRaised(
  tx: Queryable,
  alertId: number,
  targets: readonly string[],
  dueAt: number,
): Promise<void> {
  await tx.query(
    `INSERT INTO alert_deliveries (alert_id, target, telling, state, due_at)
     SELECT $1, target, 'raised', 'waiting', $3 FROM unnest($2::text[]) AS target ON CONFLICT DO NOTHING`,
    [alertId, targets, new Date(dueAt)],
  );
}
