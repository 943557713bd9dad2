import { MINUTE_MS } from "../kernel/index.ts";
import type { Queryable } from "../store/index.ts";
import { COUNT_EDGES_MS } from "./edges.ts";
import type { Alike } from "./counts.ts";

/**
 * Messages of a minute that are looked at; of more, each second, fourth, eighth … by the random end of its id, counted that
 * many times. Above 67 a second, of a hundredth that is late 20 to 40 are looked at each minute: over five minutes known to a tenth.
 */
const LOOKED_AT = 4_000;

/** Ids begin with the millisecond of accept (RFC 9562 §5.7): a minute is a range of the primary key. */
const firstId = (at: number): string => {
  const hex = at.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
};

/** Index only. */
const SIZE = "SELECT count(*)::int AS messages FROM messages WHERE spool_id >= $1 AND spool_id < $2";

/** Mail that never had anywhere to arrive: nobody's fault, and no promise's. */
const NOWHERE = `(r.state IN ('suppressed', 'cancelled') OR r.state = 'rejected' AND coalesce(r.reason, '') IN (
  'mailbox-unavailable', 'bounced: invalid', 'bounced: bounced', 'bounced: unsubscribed', 'refused-by-provider: invalid', 'refused-by-provider: unsubscribed'))`;

/**
 * What became of the mail of a minute, up to now. Of mail to many: handed off when the first provider took it, confirmed when the last
 * server of those it can reach did. Mail of our own (tenants named ~…) is no promise's. What a provider said that was found to lie does not count.
 * Index: messages_pkey and messages_by_send_at for the minute, then attempts_pkey, recipients_pkey and message_events_by_message for each
 * message. Measured in docs/decisions/0021.
 */
const COUNT = `
  WITH mail AS (
    SELECT $5::int AS step, spool_id, tenant, stream, class, accepted_at AS since FROM messages
    WHERE spool_id >= $1 AND spool_id < $2 AND send_at IS NULL AND left(tenant, 1) <> '~'
      AND ($5 = 1 OR (get_byte(uuid_send(spool_id), 14) * 256 + get_byte(uuid_send(spool_id), 15)) % $5 = 0)
    UNION ALL
    SELECT 1, spool_id, tenant, stream, class, send_at FROM messages
    WHERE send_at >= $3 AND send_at < $4 AND left(tenant, 1) <> '~'
  ), seen AS (
    SELECT w.step, w.tenant, w.stream, w.class, coalesce(t.provider, '') AS provider, r.failed, r.expired,
      extract(epoch FROM t.at - w.since) * 1000 AS taken_ms,
      -- some tell whole seconds only: nothing is confirmed before it was handed off
      CASE WHEN e.at IS NOT NULL THEN extract(epoch FROM greatest(e.at, t.at) - w.since) * 1000 END AS confirmed_ms,
      CASE WHEN e.at IS NOT NULL THEN extract(epoch FROM greatest(e.at, t.at) - t.at) * 1000 END AS leg_ms
    FROM mail w
    CROSS JOIN LATERAL (
      SELECT count(*) AS reachable, count(*) FILTER (WHERE r.state = 'delivered') AS delivered,
        bool_or(r.state = 'rejected') AS failed, bool_or(r.state = 'expired') AS expired
      FROM recipients r WHERE r.spool_id = w.spool_id AND NOT ${NOWHERE} OFFSET 0) r
    LEFT JOIN LATERAL (
      SELECT a.provider, a.settled_at AS at FROM attempts a
      WHERE a.spool_id = w.spool_id AND (a.outcome = 'accepted' OR a.resolved = 'taken') ORDER BY a.n LIMIT 1) t ON true
    LEFT JOIN LATERAL (
      SELECT CASE WHEN r.reachable = 1 THEN min(e.at) ELSE max(e.at) END AS at FROM message_events e
      WHERE e.spool_id = w.spool_id AND e.kind = 'message.delivered' AND NOT EXISTS (
        SELECT FROM attempts a WHERE a.spool_id = w.spool_id AND a.n = (e.detail ->> 'attempt')::int AND a.resolved = 'disbelieved')
    ) e ON r.delivered = r.reachable
    WHERE r.reachable > 0)
  SELECT tenant, stream, class, provider, failed AS "isFailed", expired AS "isExpired",
    width_bucket((taken_ms - 0.5)::float8, $6::float8[]) AS "handedOffBefore",
    width_bucket((confirmed_ms - 0.5)::float8, $6::float8[]) AS "confirmedBefore",
    width_bucket((leg_ms - 0.5)::float8, $6::float8[]) AS "legBefore",
    (count(*) * min(step))::int AS count
  FROM seen GROUP BY tenant, stream, class, provider, failed, expired, 7, 8, 9`;

/** @param minute when it begins. @returns groups of messages that are alike; of a minute without mail none */
export async function countMinute(database: Queryable, minute: number): Promise<Alike[]> {
  const ids = [firstId(minute), firstId(minute + MINUTE_MS)];
  const [size] = await database.query<{ messages: number }>(SIZE, ids);
  return database.query<Alike>(COUNT, [
    ...ids,
    new Date(minute),
    new Date(minute + MINUTE_MS),
    stepOf(size?.messages ?? 0),
    COUNT_EDGES_MS,
  ]);
}

/** A power of two, so that a smaller sample is a part of the greater one. */
export function stepOf(messages: number): number {
  let step = 1;
  while (messages / step > LOOKED_AT && step < 1_024) step *= 2;
  return step;
}
