import type { Queryable } from "../../store/index.ts";
import type { Finding } from "../findings.ts";
import { NEXT_CHANGE, TURN } from "./row.ts";

/** It never was on its way: that says nothing of its provider. */
export async function refuseCanary(database: Queryable, canaryId: string, why: Finding): Promise<void> {
  await database.query(
    `WITH ${TURN}
     UPDATE canaries SET result = 'refused', findings = findings || $2::jsonb, change_id = ${NEXT_CHANGE} FROM turn
     WHERE canary_id = $1 AND result IS NULL`,
    [canaryId, JSON.stringify([why])],
  );
}
