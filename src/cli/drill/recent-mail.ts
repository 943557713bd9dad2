import type { Database } from "../../store/index.ts";
import { HOUR_MS } from "../../kernel/index.ts";

/** "tenant/stream" → messages that went through the provider within the last hour. */
export type RecentMail = Readonly<Record<string, number>>;

/** By attempts_by_end; for a person who asks. */
export async function recentMail(database: Database, provider: string, now: number): Promise<RecentMail> {
  const rows = await database.questions.query<{ scope: string; n: number }>(
    `SELECT m.tenant || '/' || m.stream AS scope, count(*)::int AS n FROM attempts a JOIN messages m USING (spool_id)
     WHERE a.settled_at >= $1 AND a.provider = $2 AND a.outcome = 'accepted' GROUP BY 1`,
    [new Date(now - HOUR_MS), provider],
  );
  return Object.fromEntries(rows.map(({ scope, n }) => [scope, n]));
}
