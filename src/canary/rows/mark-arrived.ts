import type { Queryable } from "../../store/index.ts";
import { readExpected, type Expected } from "../verify/expected.ts";
import { CANARY_COLUMNS, type Canary, type CanaryRow, NEXT_CHANGE, TURN, canaryOf } from "./row.ts";

export type Arrival = { canary: Canary; expected: Expected; again: boolean };

/**
 * Writes down that it is there, at once: what is found of it follows. A second copy changes nothing but is told.
 * By the token of its address, or by its own id where the address is a mailbox that others share.
 * @returns null: nobody sent such a canary, or its row is gone.
 */
export async function markArrived(
  database: Queryable,
  by: { tokenHash: Buffer } | { canaryId: string },
  at: number,
): Promise<Arrival | null> {
  const [where, value] = "tokenHash" in by ? ["token_hash = $1", by.tokenHash] : ["canary_id = $1::uuid", by.canaryId];
  const rows = await database.query<CanaryRow & { expected: unknown }>(
    `WITH ${TURN}
     UPDATE canaries SET arrived_at = $2, result = CASE WHEN $2 <= deadline_at THEN 'arrived' ELSE 'late' END,
       change_id = ${NEXT_CHANGE}
     FROM turn WHERE ${where} AND arrived_at IS NULL RETURNING ${CANARY_COLUMNS}, expected`,
    [value, new Date(at)],
  );
  const again = rows.length === 0;
  const [row] = again
    ? await database.query<CanaryRow & { expected: unknown }>(
        `SELECT ${CANARY_COLUMNS}, expected FROM canaries WHERE ${where}`,
        [value],
      )
    : rows;
  return row ? { canary: canaryOf(row), expected: readExpected(row.expected), again } : null;
}
