import type { Queryable } from "../../store/index.ts";
import { TARGET_SILENT } from "../kinds.ts";

/** Keys of open alerts that tell of a target which none of `keys` names: nobody can be told there any more. Index: alerts_open. */
export async function silencesOfOthers(database: Queryable, keys: readonly string[]): Promise<string[]> {
  const rows = await database.query<{ key: string }>(
    "SELECT key FROM alerts WHERE resolved_at IS NULL AND kind = $1 AND key <> ALL ($2::text[])",
    [TARGET_SILENT, keys],
  );
  return rows.map(({ key }) => key);
}
