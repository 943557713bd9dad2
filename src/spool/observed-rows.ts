import type { SpoolId } from "../kernel/index.ts";
import {
  boolArray,
  byteaArray,
  instantArray,
  int2Array,
  type Lane,
  type Statement,
  textArray,
  uuidArray,
} from "../store/index.ts";
import type { RecipientState } from "./story.ts";

/** Everything a group of notices changes. The rows of messages are locked already (observed-facts.ts). */
export type ObservedChanges = {
  recipients: { spoolId: SpoolId; n: number; state: RecipientState; reason: string | null }[];
  resolved: { spoolId: SpoolId; n: number }[];
  ended: { spoolId: SpoolId; purge: boolean }[];
  events: {
    spoolId: SpoolId;
    tenant: string;
    kind: string;
    at: number;
    detail: Record<string, unknown>;
    notify: boolean;
    /** One of many of its kind: kept while the message has few. */
    bounded: boolean;
  }[];
  leaves: Buffer[];
  suppressions: { tenant: string; address: string; reason: string }[];
};

export const noObservedChanges = (): ObservedChanges => ({
  recipients: [],
  resolved: [],
  ended: [],
  events: [],
  leaves: [],
  suppressions: [],
});

/** A scanner that follows every link a thousand times must not fill the table. */
const EVENTS_OF_A_MESSAGE = 200;

const WRITE: Statement = {
  name: "write-notices",
  text: `
WITH r AS (
  UPDATE recipients r SET state = c.state, reason = c.reason
  FROM unnest($1::uuid[], $2::int2[], $3::text[], $4::text[]) AS c(spool_id, n, state, reason)
  WHERE r.spool_id = c.spool_id AND r.n = c.n
), a AS (
  UPDATE attempts a SET resolved = 'taken', settled_at = coalesce(a.settled_at, ($7::timestamptz[])[1]),
    outcome = coalesce(a.outcome, 'indeterminate'), scope = coalesce(a.scope, 'message'), cause = coalesce(a.cause, 'interrupted')
  FROM unnest($5::uuid[], $6::int2[]) AS c(spool_id, n)
  WHERE a.spool_id = c.spool_id AND a.n = c.n
), given AS (
  SELECT * FROM unnest($8::uuid[], $9::bool[]) AS g(spool_id, purge)
), q AS (
  DELETE FROM queue q USING given g WHERE q.spool_id = g.spool_id
), m AS (
  UPDATE messages m SET ended_at = ($7::timestamptz[])[1] FROM given g WHERE m.spool_id = g.spool_id
), b AS (
  DELETE FROM bodies b USING given g WHERE g.purge AND b.spool_id = g.spool_id
), e AS (
  INSERT INTO message_events (spool_id, tenant, kind, at, detail, notify)
  SELECT v.spool_id, v.tenant, v.kind, v.at, v.detail, v.notify
  FROM unnest($10::uuid[], $11::text[], $12::text[], $13::timestamptz[], $14::jsonb[], $15::bool[], $16::bool[])
    AS v(spool_id, tenant, kind, at, detail, notify, bounded)
  WHERE NOT v.bounded OR (SELECT count(*) FROM (SELECT FROM message_events x WHERE x.spool_id = v.spool_id LIMIT ${EVENTS_OF_A_MESSAGE}) y) < ${EVENTS_OF_A_MESSAGE}
), l AS (
  INSERT INTO ledger_leaves (at, leaf) SELECT ($7::timestamptz[])[1], leaf FROM unnest($17::bytea[]) AS g(leaf)
), s AS (
  INSERT INTO suppressions (tenant, address, reason) SELECT * FROM unnest($18::text[], $19::text[], $20::text[]) AS g(tenant, address, reason)
  WHERE NOT EXISTS (SELECT FROM suppression_exceptions x WHERE x.tenant = g.tenant AND x.address = g.address)
  ON CONFLICT DO NOTHING
)
SELECT`,
};

export async function writeObserved(execute: Lane["execute"], changes: ObservedChanges, now: number): Promise<void> {
  if (Object.values(changes).every((some) => some.length === 0)) return;
  const { recipients, resolved, ended, events, leaves, suppressions } = changes;
  await execute(WRITE, [
    uuidArray(recipients.map((one) => one.spoolId)),
    int2Array(recipients.map((one) => one.n)),
    textArray(recipients.map((one) => one.state)),
    textArray(recipients.map((one) => one.reason)),
    uuidArray(resolved.map((one) => one.spoolId)),
    int2Array(resolved.map((one) => one.n)),
    instantArray([now]),
    uuidArray(ended.map((one) => one.spoolId)),
    boolArray(ended.map((one) => one.purge)),
    uuidArray(events.map((one) => one.spoolId)),
    textArray(events.map((one) => one.tenant)),
    textArray(events.map((one) => one.kind)),
    instantArray(events.map((one) => one.at)),
    events.map((one) => JSON.stringify(one.detail)),
    boolArray(events.map((one) => one.notify)),
    boolArray(events.map((one) => one.bounded)),
    byteaArray(leaves),
    textArray(suppressions.map((one) => one.tenant)),
    textArray(suppressions.map((one) => one.address)),
    textArray(suppressions.map((one) => one.reason)),
  ]);
}
