import { DAY_MS, type SpoolId } from "../kernel/index.ts";
import { type Lane, type Queryable, type Statement, uuidArray } from "../store/index.ts";
import { type NewRedriveOrder, REDRIVE_PART_LOST, type RedriveOrder } from "./redrive-orders.ts";

/** Rows in one statement: a tenth of a second. */
export const REDRIVE_FOUND_AT_ONCE = 5_000;
/** Hand-offs that were on their way when the verdict fell end within this (providers' dataEndTimeout, and the wait for it). */
export const REDRIVE_STRAGGLERS_MS = 70_000;

/**
 * The set: messages that the provider took and of which nothing was heard, those it holds, and secrets of which nobody knows
 * whether it took them (others are sent again by handoff/unknown-end.ts). $1 provider, $2 from, $3
 * until, $4 tenant or null, $5 stream, $6 states of recipients that are in doubt. Index: attempts_by_end. Probes of our own
 * (tenants with a tilde) are never sent again: what became of the first one is what they are for.
 */
const IN_DOUBT = `
  FROM attempts a JOIN messages m USING (spool_id)
  WHERE a.provider = $1::text AND a.settled_at >= $2::timestamptz AND a.settled_at <= $3::timestamptz
    AND m.tenant NOT LIKE '~%' AND ($4::text IS NULL OR (m.tenant = $4::text AND m.stream = $5::text))
    AND m.superseded_by IS NULL
    AND CASE WHEN a.outcome = 'indeterminate' AND coalesce(a.resolved, 'held') = 'held' THEN m.class = 0 AND EXISTS (SELECT FROM queue q WHERE q.spool_id = a.spool_id AND q.state <> 'leased')
      WHEN a.outcome = 'held' THEN a.resolved IS NULL AND EXISTS (SELECT FROM queue q WHERE q.spool_id = a.spool_id AND q.state <> 'leased')
      ELSE (a.outcome = 'accepted' OR a.resolved = 'taken') AND coalesce(a.resolved, 'taken') = 'taken'
        AND EXISTS (SELECT FROM recipients r WHERE r.spool_id = a.spool_id AND r.state = ANY($6::text[]) AND (a.recipients IS NULL OR r.n = ANY(a.recipients)))
      END`;

/** Critical mail first; routine mail is due later, so that notices and logs can tell what became of it. */
const FIND: Statement = {
  name: "redrive-find",
  text: `
INSERT INTO redrive_items (order_id, spool_id, class, due_at)
SELECT $7::int8, m.spool_id, m.class, CASE WHEN m.class = 3 AND bool_and(a.outcome <> 'held') THEN $9::timestamptz ELSE $8::timestamptz END
${IN_DOUBT} AND NOT EXISTS (SELECT FROM redrive_items i WHERE i.order_id = $7::int8 AND i.spool_id = a.spool_id)
GROUP BY m.spool_id, m.class ORDER BY m.class, m.spool_id LIMIT ${REDRIVE_FOUND_AT_ONCE}
ON CONFLICT DO NOTHING RETURNING 1`,
};

const valuesOf = ({ provider, scope, sinceAt, verdictAt, reason, lying, operator }: NewRedriveOrder): unknown[] => {
  const slash = scope.indexOf("/");
  return [
    provider,
    new Date(sinceAt),
    // a person speaks of what is past; a verdict stops what follows, but for what was on its way
    new Date(verdictAt + (operator === null && reason !== REDRIVE_PART_LOST ? REDRIVE_STRAGGLERS_MS : 0)),
    scope === "" ? null : scope.slice(0, slash),
    scope === "" ? null : scope.slice(slash + 1),
    lying ? ["handed-off", "delivered"] : ["handed-off"],
  ];
};

/** Notes what is in doubt and was not noted yet. @returns how many; REDRIVE_FOUND_AT_ONCE: there may be more. */
export async function findRedrive(
  execute: Lane["execute"],
  order: RedriveOrder,
  at: { now: number; routineDueAt: number },
): Promise<number> {
  const rows = await execute(FIND, [...valuesOf(order), order.orderId, new Date(at.now), new Date(at.routineDueAt)]);
  return rows.length;
}

/** How many messages of each class such an order would be about now. For a person who asks first. */
export const previewRedrive = (
  database: Queryable,
  order: NewRedriveOrder,
): Promise<{ class: number; messages: number }[]> =>
  database.query(
    `SELECT m.class, count(DISTINCT m.spool_id)::int AS messages ${IN_DOUBT} GROUP BY 1 ORDER BY 1`,
    valuesOf(order),
  );

export type RedriveItem = {
  spoolId: SpoolId;
  class: number;
  dueAt: number;
  /** The provider's latest try that took it; null: it took none. */
  attempt: number | null;
};

const DUE: Statement = {
  name: "redrive-due",
  text: `
SELECT i.spool_id, i.class, i.due_at,
  (SELECT max(a.n) FROM attempts a WHERE a.spool_id = i.spool_id AND a.provider = $2::text AND (a.outcome = 'accepted' OR a.resolved = 'taken'))
FROM redrive_items i WHERE i.order_id = $1::int8 AND i.result IS NULL AND i.due_at <= $3::timestamptz
ORDER BY i.class, i.due_at, i.spool_id LIMIT $4::int`,
};

/** What is due, the most important first. Index: redrive_items_open. */
export async function dueRedrive(
  execute: Lane["execute"],
  { orderId, provider }: RedriveOrder,
  now: number,
  limit: number,
): Promise<RedriveItem[]> {
  const rows = await execute(DUE, [orderId, provider, new Date(now), limit]);
  return rows.map(([spoolId, messageClass, dueAt, attempt]) => ({
    spoolId: spoolId as SpoolId,
    class: messageClass as number,
    dueAt: dueAt as number,
    attempt: attempt as number | null,
  }));
}

const CLAIM: Statement = {
  name: "redrive-claim",
  text: `SELECT spool_id FROM redrive_items WHERE order_id = $1::int8 AND spool_id = ANY($2::uuid[]) AND result IS NULL
    ORDER BY spool_id FOR UPDATE SKIP LOCKED`,
};

/** Those of them that have no result yet and that nobody else is deciding about, until the end of the transaction. */
export async function claimRedrive(
  execute: Lane["execute"],
  orderId: number,
  spoolIds: readonly SpoolId[],
): Promise<ReadonlySet<SpoolId>> {
  const rows = await execute(CLAIM, [orderId, uuidArray(spoolIds)]);
  return new Set(rows.map(([spoolId]) => spoolId as SpoolId));
}

/** Rows of orders whose messages are forgotten. */
export async function sweepRedrive(database: Queryable, now: number): Promise<number> {
  const rows = await database.query(
    `DELETE FROM redrive_items WHERE (order_id, spool_id) IN (
       SELECT i.order_id, i.spool_id FROM redrive_items i JOIN redrive_orders o USING (order_id)
       WHERE o.done_at <= $1 AND NOT EXISTS (SELECT FROM messages m WHERE m.spool_id = i.spool_id) LIMIT 1000) RETURNING 1`,
    [new Date(now - SWEEP_AFTER_MS)],
  );
  return rows.length;
}
const SWEEP_AFTER_MS = DAY_MS;
