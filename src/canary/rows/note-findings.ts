import type { Queryable } from "../../store/index.ts";
import { type Finding, isAltered } from "../findings.ts";
import { type Legs, NEXT_CHANGE, TURN } from "./row.ts";

/** What was found of one that arrived; what was changed on its way is `altered`, even where it is late besides. */
export async function noteFindings(
  database: Queryable,
  canaryId: string,
  findings: readonly Finding[],
  legs: Legs,
  provider: string | null = null,
): Promise<void> {
  await database.query(
    `WITH ${TURN}
     UPDATE canaries SET findings = findings || $2::jsonb, legs = legs || $3::jsonb, provider = coalesce(provider, $5),
       result = CASE WHEN $4 THEN 'altered' ELSE result END, change_id = ${NEXT_CHANGE}
     FROM turn WHERE canary_id = $1`,
    [canaryId, JSON.stringify(findings), JSON.stringify(legs), isAltered(findings), provider],
  );
}
