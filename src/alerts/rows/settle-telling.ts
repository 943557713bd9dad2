import type { Queryable } from "../../store/index.ts";
import type { DueTelling } from "../alert.ts";

export type TellingEnd =
  | { state: "delivered"; answer: string }
  /** A message was accepted that tells it. */
  | { state: "mailed"; answer: string; spoolId: string }
  | { state: "gave-up"; error: string }
  | { state: "waiting"; error: string; dueAt: number };

/** What became of a try; written only by the one who holds the lease (`tries` unchanged). Index: primary key. */
export async function settleTelling(
  database: Queryable,
  { alertId, target, telling, tries }: DueTelling,
  end: TellingEnd,
): Promise<void> {
  await database.query(
    `UPDATE alert_deliveries SET state = $5, last_error = coalesce($6, last_error), answer = $7, due_at = coalesce($8, due_at),
       spool_id = $9
     WHERE alert_id = $1 AND target = $2 AND telling = $3 AND tries = $4 AND state = 'waiting'`,
    [
      alertId,
      target,
      telling,
      tries,
      end.state,
      "error" in end ? end.error : null,
      "answer" in end ? end.answer : null,
      "dueAt" in end ? new Date(end.dueAt) : null,
      "spoolId" in end ? end.spoolId : null,
    ],
  );
}
