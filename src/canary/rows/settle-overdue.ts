import type { Queryable } from "../../store/index.ts";
import { CANARY_COLUMNS, type Canary, type CanaryRow, NEXT_CHANGE, TURN, canaryOf } from "./row.ts";

/**
 * Ends what is not there at its deadline. Missed is only what was tried: one that never left us, or that its provider said
 * it would not carry, is refused and says nothing of silence. Through the index of those on their way.
 */
export async function settleOverdue(database: Queryable, now: number): Promise<Canary[]> {
  const rows = await database.query<CanaryRow>(
    `WITH ${TURN}, due AS (
       SELECT c.canary_id, c.kind, last.outcome, last.cause, last.spool_id IS NOT NULL AS tried
       FROM canaries c LEFT JOIN LATERAL (
         SELECT a.spool_id, a.outcome, a.cause FROM attempts a WHERE a.spool_id = c.canary_id ORDER BY a.n DESC LIMIT 1) last ON true
       WHERE c.result IS NULL AND c.deadline_at <= $1)
     UPDATE canaries c SET change_id = ${NEXT_CHANGE},
       result = CASE WHEN due.kind = 'sign-up' OR (due.tried AND due.outcome IS DISTINCT FROM 'rejected') THEN 'missed' ELSE 'refused' END,
       findings = c.findings || CASE
         WHEN due.kind = 'sign-up' THEN '[{"code": "sign-up-silent", "detail": "No confirmation came."}]'::jsonb
         WHEN NOT due.tried THEN '[{"code": "never-tried", "detail": "It was not handed off before its deadline."}]'::jsonb
         WHEN due.outcome = 'rejected' THEN jsonb_build_array(jsonb_build_object('code', 'refused-by-provider', 'detail', due.cause))
         ELSE '[]'::jsonb END
     FROM due, turn WHERE c.canary_id = due.canary_id AND c.result IS NULL
     RETURNING ${CANARY_COLUMNS.replaceAll(/[a-z_]+/g, "c.$&")}`,
    [new Date(now)],
  );
  return rows.map(canaryOf);
}
