import type { Queryable } from "../../store/index.ts";
import { CANARY_COLUMNS, type Canary, type CanaryRow, canaryOf } from "./row.ts";

/**
 * Every canary that changed after `cursor`, as it is now, in the order of the changes: sent, handed off, arrived, found out
 * about, missed. Go on from the `changeId` of the last one; 0 begins with all there are.
 */
export async function canariesSince(database: Queryable, cursor: number, limit = 500): Promise<Canary[]> {
  const rows = await database.query<CanaryRow>(
    `SELECT ${CANARY_COLUMNS} FROM canaries WHERE change_id > $1 ORDER BY change_id LIMIT $2`,
    [cursor, limit],
  );
  return rows.map(canaryOf);
}
