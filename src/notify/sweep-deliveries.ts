import { DAY_MS } from "../kernel/index.ts";
import type { Queryable } from "../store/index.ts";

/** As long as the rows of messages are usually kept: what is asked about a message is asked about its events. */
const SETTLED_KEPT_MS = 30 * DAY_MS;
/** A delivery that was due this long and had no turn: its webhook is no longer configured, or far too slow. */
const FORGOTTEN_AFTER_MS = 7 * DAY_MS;
const BATCH = 1_000;

/** Deletes deliveries that ended 30 days ago. @returns rows deleted; call again while it is a full batch. */
export async function sweepDeliveries(database: Queryable, now: number): Promise<number> {
  const rows = await database.query(
    `DELETE FROM webhook_deliveries WHERE (event_id, webhook) IN (
       SELECT event_id, webhook FROM webhook_deliveries WHERE state <> 'waiting' AND settled_at <= $1 LIMIT ${BATCH}) RETURNING 1`,
    [new Date(now - SETTLED_KEPT_MS)],
  );
  return rows.length;
}

/** Ends deliveries nobody has taken for a week, so that the table stays bounded whatever becomes of a webhook. */
export async function giveUpForgotten(
  database: Queryable,
  now: number,
): Promise<{ tenant: string; webhook: string; count: number }[]> {
  return database.query(
    `WITH forgotten AS (
       UPDATE webhook_deliveries SET state = 'gave-up', settled_at = $1, last_error = 'had no turn for a week'
       WHERE (event_id, webhook) IN (
         SELECT event_id, webhook FROM webhook_deliveries WHERE state = 'waiting' AND due_at <= $2 LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
       RETURNING tenant, webhook
     ) SELECT tenant, webhook, count(*)::int AS count FROM forgotten GROUP BY tenant, webhook`,
    [new Date(now), new Date(now - FORGOTTEN_AFTER_MS)],
  );
}
