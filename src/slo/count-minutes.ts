import { MINUTE_MS } from "../kernel/index.ts";
import type { Queryable } from "../store/index.ts";
import { COUNT_EDGES_MS } from "./edges.ts";
import type { Alike } from "./counts.ts";

/**
 * Messages of a minute that are looked at; of more, each second, fourth, eighth … by the random end of its id, counted that
 * many times. At 200 a second a hundredth that is late is 60 to 120 of those looked at: known to a tenth or so.
 */
const LOOKED_AT = 12_000;

/** Ids begin with the millisecond of accept (RFC 9562 §5.7): a minute is a range of the primary key. */
const firstId = (at: number): string => {
  const hex = at.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
};

/** Index only. 12 000 ids of a minute: 2 ms. */
const SIZES = `
  SELECT d.n::int AS n, s.messages::int AS messages FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS d(from_id, to_id, n)
  CROSS JOIN LATERAL (SELECT count(*) AS messages FROM messages m WHERE m.spool_id >= d.from_id AND m.spool_id < d.to_id) s`;

/** Mail that never had anywhere to arrive: nobody's fault, and no promise's. */
const NOWHERE = `(r.state IN ('suppressed', 'cancelled') OR r.state = 'rejected' AND r.reason IN (
  'mailbox-unavailable', 'bounced: invalid', 'bounced: bounced', 'bounced: unsubscribed', 'refused-by-provider: invalid', 'refused-by-provider: unsubscribed'))`;

/**
 * What became of the mail of each minute, up to now. Of mail to many: handed off when the first provider took it, confirmed when the last
 * server of those it can reach did. Mail of our own (tenants named ~…) is no promise's. What a provider said that was found to lie does not count.
 * Index: messages_pkey and messages_by_send_at for the minute, then attempts_pkey, recipients_pkey and message_events_by_message for each
 * message. Measured in docs/decisions/0021.
 */
const COUNT = `
  WITH due AS (
    SELECT * FROM unnest($1::timestamptz[], $2::uuid[], $3::uuid[], $4::int[]) AS d(minute, from_id, to_id, step)
  ), mail AS (
    SELECT d.minute, d.step, m.* FROM due d CROSS JOIN LATERAL (
      SELECT spool_id, tenant, stream, class, accepted_at AS since FROM messages
      WHERE spool_id >= d.from_id AND spool_id < d.to_id AND send_at IS NULL AND left(tenant, 1) <> '~'
        AND (d.step = 1 OR (get_byte(uuid_send(spool_id), 14) * 256 + get_byte(uuid_send(spool_id), 15)) % d.step = 0) OFFSET 0) m
    UNION ALL
    SELECT d.minute, 1, m.* FROM due d CROSS JOIN LATERAL (
      SELECT spool_id, tenant, stream, class, send_at AS since FROM messages
      WHERE send_at >= d.minute AND send_at < d.minute + interval '1 minute' AND left(tenant, 1) <> '~' OFFSET 0) m
  ), seen AS (
    SELECT w.minute, w.step, w.tenant, w.stream, w.class, coalesce(t.provider, '') AS provider, r.failed, r.expired,
      extract(epoch FROM t.at - w.since) * 1000 AS taken_ms,
      extract(epoch FROM e.at - w.since) * 1000 AS confirmed_ms,
      extract(epoch FROM e.at - t.at) * 1000 AS leg_ms
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
  SELECT extract(epoch FROM minute) * 1000 AS minute, tenant, stream, class, provider, failed AS "isFailed", expired AS "isExpired",
    width_bucket((taken_ms - 0.5)::float8, $5::float8[]) AS "handedOffBefore",
    width_bucket((confirmed_ms - 0.5)::float8, $5::float8[]) AS "confirmedBefore",
    width_bucket((leg_ms - 0.5)::float8, $5::float8[]) AS "legBefore",
    (count(*) * min(step))::int AS count
  FROM seen GROUP BY minute, tenant, stream, class, provider, failed, expired, 8, 9, 10`;

/** @param minutes when each begins. @returns groups of messages that are alike; of a minute without mail none */
export async function countMinutes(database: Queryable, minutes: readonly number[]): Promise<Alike[]> {
  if (minutes.length === 0) return [];
  const from = minutes.map(firstId);
  const to = minutes.map((minute) => firstId(minute + MINUTE_MS));
  const sizes = await database.query<{ n: number; messages: number }>(SIZES, [from, to]);
  const steps = minutes.map(() => 1);
  for (const { n, messages } of sizes) steps[n - 1] = stepOf(messages);
  const rows = await database.query<Alike & { minute: string | number }>(COUNT, [
    minutes.map((minute) => new Date(minute)),
    from,
    to,
    steps,
    COUNT_EDGES_MS,
  ]);
  return rows.map((row) => ({ ...row, minute: Number(row.minute) }));
}

/** A power of two, so that a smaller sample is a part of the greater one. */
export function stepOf(messages: number): number {
  let step = 1;
  while (messages / step > LOOKED_AT && step < 1_024) step *= 2;
  return step;
}
