import { type MessageClass, classFromNumber } from "../mail/index.ts";
import type { Queryable } from "../store/index.ts";
import type { MessageState } from "./story.ts";

/** What waits, by owner and state. Instants are milliseconds since the epoch. */
export type BacklogRow = {
  tenant: string;
  stream: string;
  class: MessageClass;
  state: Exclude<MessageState, "ended">;
  messages: number;
  oldestAcceptedAt: number;
  /** The earliest next try; of held messages: when their time is over. */
  earliestDueAt: number;
};

/** Reads the whole queue (about a second at 10⁶ rows): for a person who asks, not for a loop. */
export async function backlogOf(database: Queryable, now: number): Promise<BacklogRow[]> {
  const rows = await database.query<Omit<BacklogRow, "class" | "state"> & { class: number; state: string }>(
    `SELECT m.tenant, m.stream, q.class, CASE WHEN q.state = 'queued' AND m.send_at > $1 THEN 'scheduled' ELSE q.state END AS state, count(*) AS messages,
       min(m.accepted_at) AS "oldestAcceptedAt", min(q.due_at) AS "earliestDueAt"
     FROM queue q JOIN messages m USING (spool_id) GROUP BY 1, 2, 3, 4 ORDER BY q.class, 1, 2, 4`,
    [new Date(now)],
  );
  return rows.map((row) => ({
    ...row,
    class: classFromNumber(row.class),
    state: row.state === "leased" ? "in-flight" : (row.state as "scheduled" | "queued" | "held"),
  }));
}
