import { MESSAGE_CLASSES } from "../mail/index.ts";
import type { Queryable } from "../store/index.ts";

/** Index: queue_due (class, due_at): one row of each class. */
const OLDEST = `
  SELECT c.class::int AS class, q.due_at AS at FROM generate_series(0, 4) AS c(class)
  CROSS JOIN LATERAL (SELECT due_at FROM queue WHERE state = 'queued' AND class = c.class ORDER BY due_at LIMIT 1) q`;

/** How long the message waits that has been due longest, by class; of a class in which none is due: 0. */
export async function waitsOf(database: Queryable, now: number): Promise<{ messageClass: string; seconds: number }[]> {
  const rows = await database.query<{ class: number; at: number }>(OLDEST);
  return MESSAGE_CLASSES.map((messageClass, n) => {
    const at = rows.find((row) => row.class === n)?.at ?? now;
    return { messageClass, seconds: Math.max(0, now - at) / 1_000 };
  });
}
