import type { Queryable } from "../../store/index.ts";
import { readExpected, type Expected } from "../verify/expected.ts";
import { CANARY_COLUMNS, type Canary, type CanaryRow, NEXT_CHANGE, TURN, canaryOf } from "./row.ts";

/** `receiver`: only canaries for it, or whoever can write to one mailbox could vouch for mail to another. */
export type ArrivedBy = { tokenHash: Buffer } | { canaryId: string; receiver: string };
export type Arrival = { canary: Canary; expected: Expected; again: boolean };

/**
 * Writes down that it is there, at once: what is found of it follows. A second copy changes nothing but is told.
 * By the token of its address, or by its own id where the address is a mailbox that others share.
 * @returns null: nobody sent such a canary, or its row is gone.
 */
export async function markArrived(
  database: Queryable,
  by: ArrivedBy,
  at: number,
  inSpam = false,
): Promise<Arrival | null> {
  const isOwn = "tokenHash" in by;
  const where = isOwn ? "token_hash = $1 AND $2::text IS NULL" : "canary_id = $1::uuid AND receiver = $2";
  const values = isOwn ? [by.tokenHash, null] : [by.canaryId, by.receiver];
  const rows = await database.query<CanaryRow & { expected: unknown }>(
    `WITH ${TURN}
     UPDATE canaries SET arrived_at = $3, result = CASE WHEN $3 <= deadline_at THEN 'arrived' ELSE 'late' END,
       in_spam = $4,
       change_id = ${NEXT_CHANGE}
     FROM turn WHERE ${where} AND arrived_at IS NULL RETURNING ${CANARY_COLUMNS}, expected`,
    [...values, new Date(at), inSpam],
  );
  const again = rows.length === 0;
  const [row] = again
    ? await database.query<CanaryRow & { expected: unknown }>(
        `SELECT ${CANARY_COLUMNS}, expected FROM canaries WHERE ${where}`,
        values,
      )
    : rows;
  return row ? { canary: canaryOf(row), expected: readExpected(row.expected), again } : null;
}
