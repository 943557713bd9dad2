import { type Clock, DAY_MS, MINUTE_MS, isUuid } from "../kernel/index.ts";
import { classFromNumber } from "../mail/index.ts";
import type { Queryable } from "../store/index.ts";
import { Conditions, idSpan, messageConditions } from "./story-filter.ts";
import type { EventCursor, EventEntry, EventFilter, EventPage } from "./story.ts";

/** The first span that is looked through; each one after it is so many times as long. */
const FIRST_SPAN_MS = MINUTE_MS;
const SPAN_FACTOR = 8;
/** A provider's clock may be before ours. */
const AHEAD_MS = DAY_MS;

type Span = { from: number; to: number };
type Row = Omit<EventEntry, "message" | "detail"> & {
  key: string;
  detail: Record<string, unknown> | null;
  stream: string;
  class: number;
  author: string;
  headerMessageId: string;
  tags: Record<string, string> | null;
  acceptedAt: number;
};

/**
 * What happened to the messages of a tenant, one entry per recipient: accepted (from `messages`), handed off and deferred
 * (from `attempts`), everything else (from `message_events`; those that repeat an attempt are passed over).
 * No index has them in this order. They are looked for in spans of time that grow from the near end on, so a page of what
 * just happened reads a minute of rows, and one that finds nothing reads all rows of the time asked for, once.
 */
export async function listEvents(
  database: Queryable,
  clock: Clock,
  filter: EventFilter,
  limit: number,
  after: EventCursor | null,
): Promise<EventPage> {
  const rows: Row[] = [];
  for await (const span of spans(database, clock, filter, after)) {
    rows.push(...(await rowsOf(database, filter, span, limit + 1 - rows.length, after)));
    if (rows.length > limit) break;
  }
  const events = rows.slice(0, limit).map(entryOf);
  const last = rows[limit - 1];
  return { events, next: rows.length > limit && last ? { at: last.at, key: last.key } : null };
}

/** Beside each other without a gap, in the order asked for. */
async function* spans(
  database: Queryable,
  clock: Clock,
  { tenant, spoolId, eventId, after: from, before, oldestFirst }: EventFilter,
  cursor: EventCursor | null,
): AsyncGenerator<Span> {
  const latest = Math.min(before ?? Number.POSITIVE_INFINITY, clock.now() + AHEAD_MS);
  if (spoolId !== undefined || eventId !== undefined) {
    yield { from: from ?? 0, to: latest };
    return;
  }
  const earliest = Math.max(from ?? 0, await firstInstant(database, tenant, latest));
  const end = { from: earliest, to: latest };
  if (cursor && oldestFirst) end.from = Math.max(end.from, cursor.at);
  if (cursor && !oldestFirst) end.to = Math.min(end.to, cursor.at + 1);
  // From now on backwards, a minute reaches a minute back, not from tomorrow.
  let lengthMs = FIRST_SPAN_MS + (oldestFirst ? 0 : Math.max(0, end.to - Math.max(end.from, clock.now())));
  for (let at = oldestFirst ? end.from : end.to; oldestFirst ? at < end.to : at > end.from; lengthMs *= SPAN_FACTOR) {
    const other = oldestFirst ? Math.min(end.to, at + lengthMs) : Math.max(end.from, at - lengthMs);
    yield oldestFirst ? { from: at, to: other } : { from: other, to: at };
    at = other;
  }
}

/** Before a tenant's oldest message nothing happened to any. Index: messages_by_tenant, its first entry. */
async function firstInstant(database: Queryable, tenant: string | null, otherwise: number): Promise<number> {
  const [row] = await database.query<{ at: number }>(
    `SELECT accepted_at AS at FROM messages ${tenant === null ? "" : "WHERE tenant = $1"} ORDER BY spool_id LIMIT 1`,
    tenant === null ? [] : [tenant],
  );
  return row?.at ?? otherwise;
}

const TOLD_ELSEWHERE = "('message.accepted', 'message.handed-off', 'message.deferred')";
const isOfAttempts = (kind: string): boolean => kind === "message.handed-off" || kind === "message.deferred";

async function rowsOf(
  database: Queryable,
  filter: EventFilter,
  span: Span,
  limit: number,
  cursor: EventCursor | null,
): Promise<Row[]> {
  if (filter.spoolId !== undefined && !isUuid(filter.spoolId)) return [];
  const { kinds } = filter;
  if (filter.eventId !== undefined && !Number.isSafeInteger(filter.eventId)) return [];
  const isOne = filter.eventId !== undefined; // only what is told has a number
  const sources = [
    ...(!isOne && (!kinds || kinds.includes("message.accepted")) ? [accepted] : []),
    ...(!isOne && (!kinds || kinds.some(isOfAttempts)) ? [attempts] : []),
    ...(!kinds || kinds.some((kind) => kind !== "message.accepted" && !isOfAttempts(kind)) ? [told] : []),
  ];
  if (sources.length === 0) return [];
  const direction = filter.oldestFirst ? "ASC" : "DESC";
  const order = `ORDER BY at ${direction}, key COLLATE "C" ${direction}`;
  const values = new Conditions();
  const page = (source: (filter: EventFilter, span: Span, conditions: Conditions) => string): string => {
    const outer = values.part();
    const from = source(filter, span, values.part());
    if (kinds) outer.add(`kind = ANY(${values.value([...kinds])})`);
    if (cursor) {
      const at = values.value(new Date(cursor.at));
      const key = values.value(cursor.key);
      const beyond = filter.oldestFirst ? ">" : "<";
      outer.add(`(at ${beyond} ${at} OR (at = ${at} AND key COLLATE "C" ${beyond} ${key}))`);
    }
    return `(SELECT * FROM (${from}) found ${outer.where} ${order} LIMIT ${limit})`;
  };
  return database.query<Row>(
    `SELECT f.*, m.stream, m.class, m.author, m.header_message_id AS "headerMessageId", m.tags, m.accepted_at AS "acceptedAt"
     FROM (${sources.map(page).join(" UNION ALL ")}) f JOIN messages m ON m.spool_id = f."spoolId" ${order} LIMIT ${limit}`,
    values.values,
  );
}

/** Index: messages_by_tenant, by the instant that ids begin with. */
function accepted(filter: EventFilter, { from, to }: Span, conditions: Conditions): string {
  common(filter, conditions);
  conditions.add(`m.accepted_at >= ${conditions.value(new Date(from))}`);
  conditions.add(`m.accepted_at < ${conditions.value(new Date(to))}`);
  const [least, beyond] = idSpan(from, to);
  conditions.add(`m.spool_id >= ${conditions.value(least)} AND m.spool_id < ${conditions.value(beyond)}`);
  return `SELECT m.accepted_at AS at, m.spool_id::text || 'a' || lpad(r.n::text, 24, '0') AS key, 'message.accepted' AS kind, NULL::int8 AS "eventId", r.n AS "recipientNumber",
    m.spool_id AS "spoolId", r.address AS recipient, NULL::text AS provider, NULL::int2 AS attempt, NULL::text AS reason,
    NULL::text AS response, NULL::int AS "replyCode", NULL::text AS "enhancedStatus", NULL::text AS "providerMessageId", NULL::jsonb AS detail
    FROM messages m JOIN recipients r USING (spool_id) ${conditions.where}`;
}

/** Index: attempts_by_end. Where a provider answered differently for each, `mixed` says what it said of this one. */
function attempts(filter: EventFilter, { from, to }: Span, conditions: Conditions): string {
  common(filter, conditions);
  conditions.add(`a.settled_at >= ${conditions.value(new Date(from))}`);
  conditions.add(`a.settled_at < ${conditions.value(new Date(to))}`);
  conditions.add("o.kind IS NOT NULL");
  return `SELECT a.settled_at AS at, a.spool_id::text || 'b' || lpad(a.n::text, 19, '0') || lpad(r.n::text, 5, '0') AS key, o.kind, NULL::int8 AS "eventId", r.n AS "recipientNumber",
    a.spool_id AS "spoolId", r.address AS recipient, a.provider, a.n AS attempt, coalesce(v.x ->> 'cause', a.cause) AS reason,
    CASE WHEN v.x IS NULL THEN a.diagnostic ELSE v.x ->> 'diagnostic' END AS response,
    CASE WHEN v.x IS NULL THEN a.reply_code ELSE (v.x ->> 'replyCode')::int END AS "replyCode",
    CASE WHEN v.x IS NULL THEN a.enhanced_status END AS "enhancedStatus", a.provider_message_id AS "providerMessageId", NULL::jsonb AS detail
    FROM attempts a JOIN messages m USING (spool_id)
    JOIN recipients r ON r.spool_id = a.spool_id AND (a.recipients IS NULL OR r.n = ANY(a.recipients))
    LEFT JOIN LATERAL (SELECT x FROM jsonb_array_elements(a.mixed) x WHERE (x ->> 'n')::int = r.n LIMIT 1) v ON true
    CROSS JOIN LATERAL (SELECT CASE
      WHEN coalesce(v.x ->> 'outcome', a.outcome) = 'accepted' THEN 'message.handed-off'
      WHEN coalesce(v.x ->> 'outcome', a.outcome) = 'indeterminate' AND a.resolved = 'taken' THEN 'message.handed-off'
      WHEN coalesce(v.x ->> 'outcome', a.outcome) IN ('deferred', 'held') THEN 'message.deferred'
      WHEN coalesce(v.x ->> 'outcome', a.outcome) = 'rejected' AND coalesce(v.x ->> 'scope', a.scope) = 'account' THEN 'message.deferred'
    END AS kind) o ${conditions.where}`;
}

/** Index: message_events_by_time. An event that names no recipients is about all of them. */
function told(filter: EventFilter, { from, to }: Span, conditions: Conditions): string {
  common(filter, conditions);
  conditions.add(`e.at >= ${conditions.value(new Date(from))} AND e.at < ${conditions.value(new Date(to))}`);
  conditions.add(`e.kind NOT IN ${TOLD_ELSEWHERE}`);
  if (filter.eventId !== undefined) conditions.add(`e.event_id = ${conditions.value(filter.eventId)}`);
  return `SELECT e.at, e.spool_id::text || 'e' || lpad(e.event_id::text, 19, '0') || lpad(coalesce(r.n, 0)::text, 5, '0') AS key, e.kind, e.event_id AS "eventId", r.n AS "recipientNumber",
    e.spool_id AS "spoolId", r.address AS recipient, e.detail ->> 'provider' AS provider, (e.detail ->> 'attempt')::int2 AS attempt,
    coalesce(e.detail ->> 'reason', e.detail ->> 'cause', r.reason) AS reason,
    coalesce(e.detail ->> 'response', e.detail ->> 'diagnostic') AS response, NULL::int AS "replyCode", NULL::text AS "enhancedStatus",
    (SELECT a.provider_message_id FROM attempts a WHERE a.spool_id = e.spool_id AND a.n = (e.detail ->> 'attempt')::int2) AS "providerMessageId",
    e.detail
    FROM message_events e JOIN messages m USING (spool_id)
    LEFT JOIN recipients r ON r.spool_id = e.spool_id AND (NOT e.detail ? 'recipients' OR e.detail -> 'recipients' @> to_jsonb(r.n)) ${conditions.where}`;
}

/** Conditions on the message `m` and the recipient `r` that every source has. */
function common(filter: EventFilter, conditions: Conditions): void {
  // Of the recipients only the one that it happened to is looked at.
  const { recipient, spoolId, ...message } = filter;
  messageConditions(conditions, message);
  if (recipient !== undefined) {
    conditions.add(`lower(r.address COLLATE "C") = lower(${conditions.value(recipient)}::text COLLATE "C")`);
  }
  if (spoolId !== undefined) conditions.add(`m.spool_id = ${conditions.value(spoolId)}`);
}

function entryOf(row: Row): EventEntry {
  const { stream, author, headerMessageId, acceptedAt } = row;
  return {
    eventId: row.eventId,
    recipientNumber: row.recipientNumber,
    key: row.key,
    kind: row.kind,
    at: row.at,
    spoolId: row.spoolId,
    recipient: row.recipient,
    provider: row.provider,
    attempt: row.attempt,
    reason: row.reason,
    response: row.response,
    replyCode: row.replyCode,
    enhancedStatus: row.enhancedStatus,
    providerMessageId: row.providerMessageId,
    detail: row.detail ?? {},
    message: { stream, class: classFromNumber(row.class), author, headerMessageId, tags: row.tags ?? {}, acceptedAt },
  };
}
