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
  WHERE q.spool_id = g.spool_id AND q.spool_id = ANY($1) AND q.lease_node = $2 AND q.fence = g.fence AND q.attempt_count = g.n - 1
  RETURNING q.spool_id
), a AS (
  INSERT INTO attempts (spool_id, n, provider, route_reason, recipients, node, fence, intent_at)
  SELECT g.spool_id, g.n, g.provider, g.route_reason, g.recipients::int2[], $2, g.fence, g.intent_at FROM given g JOIN live USING (spool_id)
), l AS (
  INSERT INTO ledger_leaves (at, leaf) SELECT g.intent_at, g.leaf FROM given g JOIN live USING (spool_id)
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
