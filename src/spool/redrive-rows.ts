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
import type { RedriveResult } from "./redrive-orders.ts";

/** What becomes of some messages in doubt. Their rows are locked already (redrive-facts.ts). */
export type RedriveChanges = {
  items: { spoolId: SpoolId; result: RedriveResult; asked: boolean }[];
  /** Into the queue again, for these recipients; `attempts` are the tries that are given up. */
  again: {
    spoolId: SpoolId;
    class: number;
    recipients: readonly number[];
    attempts: readonly number[];
    resolved: "resent" | "disbelieved";
  }[];
  /** In the queue already: due at once, whatever it waits for. */
  hurried: SpoolId[];
  events: { spoolId: SpoolId; tenant: string; kind: string; detail: Record<string, unknown>; notify: boolean }[];
  leaves: Buffer[];
};

/**
 * Whatever is still under way with a fence of its former life in the queue, and every lease it might have had without a
 * try (each raises the fence by one), stays below.
 */
const FENCE_STEP = 2 ** 32;

/** A try that is given up counts as accepted from here on, also where its provider said so only when it was asked. */
const WRITE: Statement = {
  name: "redrive-write",
  text: `
WITH a AS (
  UPDATE attempts a SET resolved = c.resolved, outcome = 'accepted'
  FROM unnest($1::uuid[], $2::int2[], $3::text[]) AS c(spool_id, n, resolved) WHERE a.spool_id = c.spool_id AND a.n = c.n
), r AS (
  UPDATE recipients r SET state = 'pending', reason = NULL
  FROM unnest($4::uuid[], $5::int2[]) AS c(spool_id, n) WHERE r.spool_id = c.spool_id AND r.n = c.n
), q AS (
  INSERT INTO queue (spool_id, class, state, due_at, fence, attempt_count)
  SELECT g.spool_id, g.class, 'queued', ($8::timestamptz[])[1],
    (SELECT max(x.fence) + ${FENCE_STEP} FROM attempts x WHERE x.spool_id = g.spool_id), (SELECT max(x.n) FROM attempts x WHERE x.spool_id = g.spool_id)
  FROM unnest($6::uuid[], $7::int2[]) AS g(spool_id, class)
), m AS (
  UPDATE messages m SET ended_at = NULL FROM unnest($6::uuid[]) AS g(spool_id) WHERE m.spool_id = g.spool_id
), h AS (
  UPDATE queue q SET state = 'queued', held_reason = NULL, due_at = ($8::timestamptz[])[1], fence = q.fence + 1
  FROM unnest($9::uuid[]) AS g(spool_id) WHERE q.spool_id = g.spool_id AND (q.state = 'queued' OR q.held_reason LIKE 'held-by-provider%')
), e AS (
  INSERT INTO message_events (spool_id, tenant, kind, at, detail, notify)
  SELECT v.spool_id, v.tenant, v.kind, ($8::timestamptz[])[1], v.detail, v.notify
  FROM unnest($10::uuid[], $11::text[], $12::text[], $13::jsonb[], $14::bool[]) AS v(spool_id, tenant, kind, detail, notify)
), l AS (
  INSERT INTO ledger_leaves (at, leaf) SELECT ($8::timestamptz[])[1], leaf FROM unnest($15::bytea[]) AS g(leaf)
), i AS (
  UPDATE redrive_items i SET result = c.result, result_at = ($8::timestamptz[])[1], asked = i.asked OR c.asked
  FROM unnest($17::uuid[], $18::text[], $19::bool[]) AS c(spool_id, result, asked)
  WHERE i.order_id = $16::int8 AND i.spool_id = c.spool_id AND i.result IS NULL
)
SELECT`,
};

export async function writeRedrive(
  execute: Lane["execute"],
  orderId: number,
  changes: RedriveChanges,
  now: number,
): Promise<void> {
  const { items, again, hurried, events, leaves } = changes;
  const tries = again.flatMap(({ spoolId, attempts, resolved }) => attempts.map((n) => ({ spoolId, n, resolved })));
  const recipients = again.flatMap(({ spoolId, recipients: all }) => all.map((n) => ({ spoolId, n })));
  await execute(WRITE, [
    uuidArray(tries.map((one) => one.spoolId)),
    int2Array(tries.map((one) => one.n)),
    textArray(tries.map((one) => one.resolved)),
    uuidArray(recipients.map((one) => one.spoolId)),
    int2Array(recipients.map((one) => one.n)),
    uuidArray(again.map((one) => one.spoolId)),
    int2Array(again.map((one) => one.class)),
    instantArray([now]),
    uuidArray(hurried),
    uuidArray(events.map((one) => one.spoolId)),
    textArray(events.map((one) => one.tenant)),
    textArray(events.map((one) => one.kind)),
    events.map((one) => JSON.stringify(one.detail)),
    boolArray(events.map((one) => one.notify)),
    byteaArray(leaves),
    orderId,
    uuidArray(items.map((one) => one.spoolId)),
    textArray(items.map((one) => one.result)),
    boolArray(items.map((one) => one.asked)),
  ]);
}

const LATE: Statement = {
  name: "redrive-late",
  text: `UPDATE redrive_items i SET late_at = ($2::timestamptz[])[1] WHERE i.spool_id = ANY($1::uuid[]) AND i.result = ANY ('{resent,reissue-wanted,hurried}') AND i.late_at IS NULL`,
};

/** Copies that nobody counted on any more arrived after all. Index: redrive_items_by_message. */
export async function markLate(execute: Lane["execute"], spoolIds: readonly string[], now: number): Promise<void> {
  if (spoolIds.length > 0) await execute(LATE, [uuidArray([...new Set(spoolIds)]), instantArray([now])]);
}
