import type { Queryable } from "../../store/index.ts";

/** @returns the id of the ended alert; null: none of this key was open. Index: alerts_open. */
export async function endAlert(tx: Queryable, key: string, at: number): Promise<number | null> {
  const [row] = await tx.query<{ id: string | number }>(
    "UPDATE alerts SET resolved_at = $2 WHERE key = $1 AND resolved_at IS NULL RETURNING alert_id AS id",
    [key, new Date(at)],
  );
  return row ? Number(row.id) : null;
}
