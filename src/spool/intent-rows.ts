import {
  byteaArray,
  instantArray,
  int2Array,
  int8Array,
  type Statement,
  textArray,
  uuidArray,
} from "../store/index.ts";
import type { Lease, NewAttempt } from "./rows.ts";

/** Attempts as intents, before any provider is called. A lost lease writes nothing; the primary key (spool_id, n) stops a second one. */
export const INTEND: Statement = {
  name: "intend",
  text: `
WITH given AS (
  SELECT * FROM unnest($1::uuid[], $3::int8[], $4::int2[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::bytea[])
    AS g(spool_id, fence, n, provider, route_reason, recipients, intent_at, leaf)
), live AS (
  UPDATE queue q SET attempt_count = g.n FROM given g
  WHERE q.spool_id = g.spool_id AND q.lease_node = $2 AND q.fence = g.fence AND q.attempt_count = g.n - 1
  RETURNING g.*
), a AS (
  INSERT INTO attempts (spool_id, n, provider, route_reason, recipients, node, fence, intent_at)
  SELECT spool_id, n, provider, route_reason, recipients::int2[], $2, fence, intent_at FROM live
), l AS (
  INSERT INTO ledger_leaves (at, leaf) SELECT intent_at, leaf FROM live
)
SELECT spool_id FROM live`,
};

export type Intent = { lease: Lease; attempt: NewAttempt };

export const intentValues = (node: string, intents: readonly Intent[]): unknown[] => [
  uuidArray(intents.map((i) => i.lease.spoolId)),
  node,
  int8Array(intents.map((i) => BigInt(i.lease.fence))),
  int2Array(intents.map((i) => i.attempt.n)),
  textArray(intents.map((i) => i.attempt.provider)),
  textArray(intents.map((i) => i.attempt.routeReason)),
  textArray(intents.map((i) => (i.attempt.recipients ? `{${i.attempt.recipients.join(",")}}` : null))),
  instantArray(intents.map((i) => i.attempt.intentAt)),
  byteaArray(intents.map((i) => i.attempt.leaf)),
];
