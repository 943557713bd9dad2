import {
  boolArray,
  byteaArray,
  instantArray,
  int2Array,
  int8Array,
  type Statement,
  textArray,
  uuidArray,
} from "../store/index.ts";
import type { Settlement } from "./rows.ts";

/**
 * One step of a group of messages. Everything that changes a message is bound to `live`: the rows whose lease was
 * still this node's with the fence it was given. What is known of an attempt is written in any case: it happened, and it
 * takes the place of what whoever found the attempt without an answer put down meanwhile ("interrupted"). A recipient that
 * has its end keeps it: a provider's notice of delivery can be here before its own answer is written.
 *
 * Written so that its cost grows with the group and not with its square: columns travel along in RETURNING instead of
 * being joined back, and `live` is asked through a hashed subplan (the OR beside it, never true,
 * keeps the planner from making a nested loop of it). At groups of 128 that took the backend from 0.17 to 0.04 ms a message (docs/decisions/0003).
 */
export const SETTLE: Statement = {
  name: "settle",
  text: `
WITH given AS (
  SELECT * FROM unnest($1::uuid[], $3::int8[], $4::text[], $5::timestamptz[], $6::text[], $7::bool[], $8::timestamptz[])
    AS g(spool_id, fence, next, due_at, held_reason, purge, at)
), ended AS (
  DELETE FROM queue q USING given g
  WHERE g.next = 'end' AND q.spool_id = g.spool_id AND q.lease_node = $2 AND q.fence = g.fence
  RETURNING q.spool_id, g.at, g.purge
), moved AS (
  UPDATE queue q SET
    state = CASE g.next WHEN 'queue' THEN 'queued' WHEN 'hold' THEN 'held' ELSE 'leased' END,
    lease_node = CASE WHEN g.next = 'keep' THEN q.lease_node END,
    due_at = coalesce(g.due_at, q.due_at),
    held_reason = g.held_reason
  FROM given g
  WHERE g.next <> 'end' AND q.spool_id = g.spool_id AND q.lease_node = $2 AND q.fence = g.fence
  RETURNING q.spool_id
), live AS (
  SELECT spool_id FROM ended UNION ALL SELECT spool_id FROM moved
), r AS (
  UPDATE recipients r SET state = c.state, reason = c.reason
  FROM unnest($9::uuid[], $10::int2[], $11::text[], $12::text[]) AS c(spool_id, n, state, reason)
  WHERE r.spool_id = c.spool_id AND r.n = c.n AND r.state = 'pending' AND (c.n < 0 OR c.spool_id IN (SELECT spool_id FROM live))
), m AS (
  UPDATE messages m SET ended_at = ended.at FROM ended WHERE m.spool_id = ended.spool_id
), b AS (
  DELETE FROM bodies b USING ended WHERE ended.purge AND b.spool_id = ended.spool_id
), a AS (
  UPDATE attempts a SET settled_at = t.settled_at, outcome = t.outcome, scope = t.scope, cause = t.cause, reply_code = t.reply_code,
    enhanced_status = t.enhanced_status, provider_message_id = t.provider_message_id, diagnostic = t.diagnostic, mixed = t.mixed
  FROM unnest($13::uuid[], $14::int2[], $15::timestamptz[], $16::text[], $17::text[], $18::text[], $19::int2[], $20::text[], $21::text[],
    $22::text[], $23::jsonb[]) AS t(spool_id, n, settled_at, outcome, scope, cause, reply_code, enhanced_status, provider_message_id, diagnostic, mixed)
  WHERE a.spool_id = t.spool_id AND a.n = t.n AND (a.outcome IS NULL OR (a.outcome = 'indeterminate' AND a.cause = 'interrupted'))
), e AS (
  INSERT INTO message_events (spool_id, tenant, kind, at, detail, notify)
  SELECT v.* FROM unnest($24::uuid[], $25::text[], $26::text[], $27::timestamptz[], $28::jsonb[], $29::bool[])
    AS v(spool_id, tenant, kind, at, detail, notify)
  WHERE v.kind IS NULL OR v.spool_id IN (SELECT spool_id FROM live)
), l AS (
  INSERT INTO ledger_leaves (at, leaf)
  SELECT l.at, l.leaf FROM unnest($1::uuid[], $8::timestamptz[], $30::bytea[], $31::bool[]) AS l(spool_id, at, leaf, fact)
  WHERE l.fact OR l.spool_id IN (SELECT spool_id FROM live)
)
SELECT spool_id FROM live`,
};

/** How earlier indeterminate tries were closed, in the same transaction; its own statement, because it is rare. */
export const RESOLVE: Statement = {
  name: "resolve",
  text: `
UPDATE attempts a SET resolved = c.resolved FROM unnest($1::uuid[], $2::int2[], $3::text[]) AS c(spool_id, n, resolved)
WHERE a.spool_id = c.spool_id AND a.n = c.n`,
};

/** A settlement with the name of the message's tenant, for its events. */
export type TenantSettlement = Settlement & { tenant: string };

export function settleValues(node: string, steps: readonly TenantSettlement[]): unknown[] {
  const changes = steps.flatMap((s) => s.recipients.map((change) => ({ ...change, spoolId: s.lease.spoolId })));
  const results = steps.flatMap((s) => (s.attempt ? [{ ...s.attempt, spoolId: s.lease.spoolId }] : []));
  const events = steps.flatMap((s) =>
    s.events.map((event) => ({ ...event, spoolId: s.lease.spoolId, tenant: s.tenant })),
  );
  return [
    uuidArray(steps.map((s) => s.lease.spoolId)),
    node,
    int8Array(steps.map((s) => BigInt(s.lease.fence))),
    textArray(steps.map((s) => s.next.kind)),
    instantArray(steps.map((s) => ("dueAt" in s.next ? s.next.dueAt : null))),
    textArray(steps.map((s) => (s.next.kind === "hold" ? s.next.reason : null))),
    boolArray(steps.map((s) => s.next.kind === "end" && s.next.purgeBody)),
    instantArray(steps.map((s) => s.at)),
    uuidArray(changes.map((c) => c.spoolId)),
    int2Array(changes.map((c) => c.n)),
    textArray(changes.map((c) => c.state)),
    textArray(changes.map((c) => c.reason)),
    uuidArray(results.map((a) => a.spoolId)),
    int2Array(results.map((a) => a.n)),
    instantArray(results.map((a) => a.settledAt)),
    textArray(results.map((a) => a.outcome)),
    textArray(results.map((a) => a.scope)),
    textArray(results.map((a) => a.cause)),
    int2Array(results.map((a) => a.replyCode)),
    textArray(results.map((a) => a.enhancedStatus)),
    textArray(results.map((a) => a.providerMessageId)),
    textArray(results.map((a) => a.diagnostic)),
    results.map((a) => a.mixed),
    uuidArray(events.map((e) => e.spoolId)),
    textArray(events.map((e) => e.tenant)),
    textArray(events.map((e) => e.kind)),
    instantArray(events.map((e) => e.at)),
    events.map((e) => JSON.stringify(e.detail)),
    boolArray(events.map((e) => e.notify)),
    byteaArray(steps.map((s) => s.leaf)),
    boolArray(steps.map((s) => s.attempt !== null)),
  ];
}
