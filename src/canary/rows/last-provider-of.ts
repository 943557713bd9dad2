import type { Queryable } from "../../store/index.ts";

/** Whom the latest try of a message was made with. Through the primary key. */
export async function lastProviderOf(database: Queryable, spoolId: string): Promise<string | null> {
  const [row] = await database.query<{ provider: string }>(
    "SELECT provider FROM attempts WHERE spool_id = $1 ORDER BY n DESC LIMIT 1",
    [spoolId],
  );
  return row?.provider ?? null;
}
