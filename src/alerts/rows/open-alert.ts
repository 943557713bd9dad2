import type { Queryable } from "../../store/index.ts";
import type { Alert } from "../alert.ts";

/** Open ones at most: a fault that shows in every stream of every tenant is one fault, and the first 500 tell it. */
export const MOST_OPEN = 500;

/** One open row per key. Index: alerts_open. @returns the id of a new one; open: it is already · full: not written */
export async function openAlert(tx: Queryable, alert: Alert, now: number): Promise<number | "open" | "full"> {
  const [row] = await tx.query<{ id: string | number | null; isOpen: boolean }>(
    `WITH made AS (
       INSERT INTO alerts (key, kind, severity, provider, scope, sentence, numbers, raised_at, told_at)
       SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
       WHERE (SELECT count(*) FROM (SELECT FROM alerts WHERE resolved_at IS NULL LIMIT ${MOST_OPEN}) open) < ${MOST_OPEN}
       ON CONFLICT (key) WHERE resolved_at IS NULL DO NOTHING RETURNING alert_id)
     SELECT (SELECT alert_id FROM made) AS id,
       EXISTS (SELECT FROM alerts WHERE key = $1 AND resolved_at IS NULL) AS "isOpen"`,
    [
      alert.key,
      alert.kind,
      alert.severity,
      alert.provider,
      alert.scope,
      alert.sentence,
      alert.numbers,
      new Date(alert.at),
      new Date(now),
    ],
  );
  if (row!.id !== null) return Number(row!.id);
  return row!.isOpen ? "open" : "full";
}
