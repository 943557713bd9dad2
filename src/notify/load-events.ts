import { type Lane, type Statement, int8Array } from "../store/index.ts";
import type { EventFacts } from "./payload.ts";

/**
 * What deliveries tell, by primary keys. Without the event's or the message's row there is nothing to tell: retention
 * took them. `detail.recipients`, where it is there, holds the numbers of those the event is about.
 */
const LOAD_EVENTS: Statement = {
  name: "load-events",
  text: `
SELECT e.event_id, e.spool_id, e.tenant, e.kind, e.at, e.detail, m.stream, 'C' || m.class, m.header_message_id, m.accepted_at, m.tags,
  (SELECT json_agg(r.address ORDER BY r.n) FROM recipients r WHERE r.spool_id = e.spool_id
    AND (jsonb_typeof(e.detail->'recipients') IS DISTINCT FROM 'array' OR e.detail->'recipients' @> to_jsonb(r.n))), m.author, m.return_path
FROM message_events e JOIN messages m USING (spool_id) WHERE e.event_id = ANY($1::int8[])`,
};

/** By event id. */
export async function loadEvents(lane: Lane, eventIds: readonly number[]): Promise<Map<number, EventFacts>> {
  if (eventIds.length === 0) return new Map();
  const rows = await lane.execute(LOAD_EVENTS, [int8Array([...new Set(eventIds)].map(BigInt))]);
  return new Map(rows.map((row) => [row[0] as number, factsOf(row)]));
}

const factsOf = (row: unknown[]): EventFacts => ({
  eventId: row[0] as number,
  spoolId: row[1] as string,
  tenant: row[2] as string,
  kind: row[3] as string,
  at: row[4] as number,
  detail: row[5] as Record<string, unknown>,
  stream: row[6] as string,
  class: row[7] as string,
  headerMessageId: row[8] as string,
  acceptedAt: row[9] as number,
  tags: (row[10] as Record<string, string> | null) ?? {},
  recipients: (row[11] as string[] | null) ?? [],
  author: row[12] as string,
  returnPath: row[13] as string,
});
