import { type Lane, type Statement, instantArray, textArray } from "../store/index.ts";

/** A webhook's wish: this kind of its tenant's events, or all of them (null). */
export type Wish = { tenant: string; webhook: string; kind: string | null };

/** Small enough that the locks last a few milliseconds. */
export const EVENTS_AT_ONCE = 500;

/**
 * Events that are to be told become deliveries, one per webhook that wants them, and are done with in the same
 * transaction. Events another node is taking at this moment are passed over, never waited for. Index: message_events_to_notify.
 */
const MAKE_DELIVERIES: Statement = {
  name: "make-deliveries",
  text: `
WITH due AS MATERIALIZED (
  SELECT event_id, tenant, kind FROM message_events WHERE notify ORDER BY event_id LIMIT ${EVENTS_AT_ONCE} FOR UPDATE SKIP LOCKED
), told AS (
  UPDATE message_events e SET notify = false FROM due WHERE e.event_id = due.event_id
), made AS (
  INSERT INTO webhook_deliveries (event_id, webhook, tenant, state, due_at)
  SELECT due.event_id, w.webhook, due.tenant, 'waiting', ($4::timestamptz[])[1]
  FROM due JOIN unnest($1::text[], $2::text[], $3::text[]) AS w(tenant, webhook, kind)
    ON w.tenant = due.tenant AND (w.kind IS NULL OR w.kind = due.kind)
  ON CONFLICT DO NOTHING
)
SELECT count(*) FROM due`,
};

/** @returns how many events were done with; call again while it is EVENTS_AT_ONCE. */
export async function makeDeliveries(lane: Lane, wishes: readonly Wish[], now: number): Promise<number> {
  const rows = await lane.execute(MAKE_DELIVERIES, [
    textArray(wishes.map((wish) => wish.tenant)),
    textArray(wishes.map((wish) => wish.webhook)),
    textArray(wishes.map((wish) => wish.kind)),
    instantArray([now]),
  ]);
  return rows[0]![0] as number;
}
