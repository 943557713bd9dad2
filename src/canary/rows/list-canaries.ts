import type { Queryable } from "../../store/index.ts";
import { CANARY_COLUMNS, type Canary, type CanaryRow, canaryOf } from "./row.ts";

/** `provider` null: of all. `results` null: of any, also those on their way. */
export type CanaryWish = {
  provider: string | null;
  kind: Canary["kind"] | null;
  results: readonly string[] | null;
  limit: number;
};

/** The latest first. Through canaries_by_time; a person asks. */
export async function listCanaries(
  database: Queryable,
  { provider, kind, results, limit }: CanaryWish,
): Promise<Canary[]> {
  const rows = await database.query<CanaryRow>(
    `SELECT ${CANARY_COLUMNS} FROM canaries
     WHERE ($1::text IS NULL OR provider = $1) AND ($2::text IS NULL OR kind = $2) AND ($3::text[] IS NULL OR result = ANY($3))
     ORDER BY sent_at DESC LIMIT $4`,
    [provider, kind, results, limit],
  );
  return rows.map(canaryOf);
}

/** Result → how many canaries of a provider had it since then. */
export async function countCanaries(
  database: Queryable,
  provider: string,
  since: number,
): Promise<Record<string, number>> {
  const rows = await database.query<{ result: string; n: number }>(
    `SELECT result, count(*)::int AS n FROM canaries
     WHERE sent_at > $2 AND provider = $1 AND kind = 'mail' AND result IS NOT NULL GROUP BY 1`,
    [provider, new Date(since)],
  );
  return Object.fromEntries(rows.map(({ result, n }) => [result, n]));
}
