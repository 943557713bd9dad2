import {
  boolArray,
  byteaArray,
  instantArray,
  int2Array,
  int4Array,
  type Statement,
  textArray,
  uuidArray,
} from "../store/index.ts";
import { type MessageClass, classNumber, foldedAddress } from "../mail/index.ts";
import type { NewMessage } from "./rows.ts";

/**
 * Every row of a group of accepted messages in one statement, hence one transaction, one round trip and one fsync.
 * A message that this node will hand off itself is born leased, and where a provider slot was free, with its first
 * attempt as intent; all others are born queued. Recipients on the tenant's suppression list are born suppressed:
 * the statement gives (spool_id, n) of each.
 */
export const ACCEPT: Statement = {
  name: "accept",
  text: `
WITH m AS (
  INSERT INTO messages (spool_id, tenant, stream, class, credential, door, return_path, author, header_message_id, size_bytes,
    body_mac, needs_smtputf8, needs_8bit, dsn_return, dsn_envelope_id, tags, accepted_at, expires_at, send_at)
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int2[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::int4[],
    $11::bytea[], $12::bool[], $13::bool[], $14::text[], $15::text[], $16::jsonb[], $17::timestamptz[], $18::timestamptz[], $43::timestamptz[])
), r AS (
  INSERT INTO recipients (spool_id, n, address, dsn_notify, dsn_original, state, reason)
  SELECT g.spool_id, g.n, g.address, g.notify, g.original, CASE WHEN s.reason IS NULL THEN 'pending' ELSE 'suppressed' END, s.reason
  FROM unnest($19::uuid[], $20::int2[], $21::text[], $22::text[], $23::text[], $40::text[], $41::text[])
    AS g(spool_id, n, address, notify, original, tenant, suppression_key)
  LEFT JOIN suppressions s ON s.tenant = g.tenant AND s.address = g.suppression_key
  RETURNING spool_id, n, state
), b AS (
  INSERT INTO bodies (spool_id, salt, sealed) SELECT * FROM unnest($1::uuid[], $24::bytea[], $25::bytea[])
), q AS (
  INSERT INTO queue (spool_id, class, state, due_at, lease_node, fence, attempt_count)
  SELECT spool_id, class, CASE WHEN leased THEN 'leased' ELSE 'queued' END, coalesce(send_at, accepted_at), CASE WHEN leased THEN $26::uuid END,
    CASE WHEN leased THEN 1 ELSE 0 END, CASE WHEN intended THEN 1 ELSE 0 END
  FROM unnest($1::uuid[], $4::int2[], $17::timestamptz[], $43::timestamptz[], $27::bool[], $42::bool[])
    AS g(spool_id, class, accepted_at, send_at, leased, intended)
), a AS (
  INSERT INTO attempts (spool_id, n, provider, route_reason, node, fence, intent_at)
  SELECT spool_id, 1, provider, route_reason, $26::uuid, 1, intent_at
  FROM unnest($28::uuid[], $29::text[], $30::text[], $31::timestamptz[]) AS given(spool_id, provider, route_reason, intent_at)
), e AS (
  INSERT INTO message_events (spool_id, tenant, kind, at, detail, notify)
  SELECT * FROM unnest($32::uuid[], $33::text[], $34::text[], $35::timestamptz[], $36::jsonb[], $37::bool[])
), l AS (
  INSERT INTO ledger_leaves (at, leaf) SELECT * FROM unnest($38::timestamptz[], $39::bytea[])
)
SELECT spool_id, n FROM r WHERE state = 'suppressed'`,
};

export function acceptValues(node: string, messages: readonly NewMessage[]): unknown[] {
  const recipients = messages.flatMap((m) =>
    m.recipients.map((r, n) => ({
      ...r,
      n,
      spoolId: m.spoolId,
      tenant: m.tenant,
      key: suppressionKey(m.class, r.address),
    })),
  );
  const intents = messages.flatMap((m) => (m.intent ? [{ spoolId: m.spoolId, ...m.intent }] : []));
  const events = messages.flatMap((m) => m.events.map((event) => ({ ...event, spoolId: m.spoolId, tenant: m.tenant })));
  const leaves = messages.flatMap((m) => [
    { at: m.acceptedAt, leaf: m.leaf },
    ...(m.intent ? [{ at: m.intent.intentAt, leaf: m.intent.leaf }] : []),
  ]);
  return [
    uuidArray(messages.map((m) => m.spoolId)),
    textArray(messages.map((m) => m.tenant)),
    textArray(messages.map((m) => m.stream)),
    int2Array(messages.map((m) => classNumber(m.class))),
    textArray(messages.map((m) => m.credential)),
    textArray(messages.map((m) => m.door)),
    textArray(messages.map((m) => m.returnPath)),
    textArray(messages.map((m) => m.author)),
    textArray(messages.map((m) => m.headerMessageId)),
    int4Array(messages.map((m) => m.sizeBytes)),
    byteaArray(messages.map((m) => m.bodyMac)),
    boolArray(messages.map((m) => m.needsSmtputf8)),
    boolArray(messages.map((m) => m.needs8bit)),
    textArray(messages.map((m) => m.dsnReturn)),
    textArray(messages.map((m) => m.dsnEnvelopeId)),
    messages.map((m) => (m.tags ? JSON.stringify(m.tags) : null)),
    instantArray(messages.map((m) => m.acceptedAt)),
    instantArray(messages.map((m) => m.expiresAt)),
    uuidArray(recipients.map((r) => r.spoolId)),
    int2Array(recipients.map((r) => r.n)),
    textArray(recipients.map((r) => r.address)),
    textArray(recipients.map((r) => r.notify)),
    textArray(recipients.map((r) => r.original)),
    byteaArray(messages.map((m) => m.body.salt)),
    byteaArray(messages.map((m) => m.body.sealed)),
    node,
    boolArray(messages.map((m) => m.leased)),
    uuidArray(intents.map((x) => x.spoolId)),
    textArray(intents.map((x) => x.provider)),
    textArray(intents.map((x) => x.routeReason)),
    instantArray(intents.map((x) => x.intentAt)),
    uuidArray(events.map((e) => e.spoolId)),
    textArray(events.map((e) => e.tenant)),
    textArray(events.map((e) => e.kind)),
    instantArray(events.map((e) => e.at)),
    events.map((e) => JSON.stringify(e.detail)),
    boolArray(events.map((e) => e.notify)),
    instantArray(leaves.map((l) => l.at)),
    byteaArray(leaves.map((l) => l.leaf)),
    textArray(recipients.map((r) => r.tenant)),
    textArray(recipients.map((r) => r.key)),
    boolArray(messages.map((m) => m.intent !== null)),
    instantArray(messages.map((m) => m.sendAt)),
  ];
}

/** Null: never suppressed. Secrets and security notices go out in any case: whoever could mark an address would decide who may recover an account. */
const suppressionKey = (messageClass: MessageClass, address: string): string | null =>
  messageClass === "C0" || messageClass === "C1" ? null : foldedAddress(address);

/** (spool_id, n) of recipients that are on their tenant's list, as ACCEPT gives them. */
export type SuppressedRow = [spoolId: string, n: number];
