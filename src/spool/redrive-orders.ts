import type { Queryable } from "../store/index.ts";

/** What makes mail doubtful: a verdict on a provider, or a person. Instants are milliseconds since the epoch. */
export type NewRedriveOrder = {
  provider: string;
  /** "": all of its mail; "tenant/stream": that stream's. */
  scope: string;
  /** Hand-offs from here on are in doubt, a margin included. */
  sinceAt: number;
  verdictAt: number;
  reason: string;
  /** The provider says "delivered" of what did not arrive. */
  lying: boolean;
  /** Null: a verdict. */
  operator: string | null;
};
/** Of an order about mail of which a part was lost: what it is about is past, and nothing of it still on its way. */
export const REDRIVE_PART_LOST = "part-lost";
export type RedriveOrder = NewRedriveOrder & { orderId: number; orderedAt: number; doneAt: number | null };

const COLUMNS = `order_id AS "orderId", provider, scope, since_at AS "sinceAt", verdict_at AS "verdictAt", reason, lying, operator,
  ordered_at AS "orderedAt", done_at AS "doneAt"`;

/** @returns null where the same order (provider, scope, verdict) is there already. */
export async function insertRedriveOrder(tx: Queryable, order: NewRedriveOrder, at: number): Promise<number | null> {
  const [row] = await tx.query<{ id: number }>(
    `INSERT INTO redrive_orders (provider, scope, since_at, verdict_at, reason, lying, operator, ordered_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING order_id AS id`,
    [
      order.provider,
      order.scope,
      new Date(order.sinceAt),
      new Date(order.verdictAt),
      order.reason,
      order.lying,
      order.operator,
      new Date(at),
    ],
  );
  return row?.id ?? null;
}

/** By redrive_orders_open, every second: usually none. */
export const openRedriveOrders = (database: Queryable): Promise<RedriveOrder[]> =>
  database.query<RedriveOrder>(`SELECT ${COLUMNS} FROM redrive_orders WHERE done_at IS NULL ORDER BY order_id`);

export async function endRedriveOrder(database: Queryable, orderId: number, at: number): Promise<void> {
  await database.query("UPDATE redrive_orders SET done_at = $2 WHERE order_id = $1 AND done_at IS NULL", [
    orderId,
    new Date(at),
  ]);
}

/** How far an order has come: how many messages of each class ended how; `result` null: still to be done. */
export type RedriveCount = {
  class: number;
  result: RedriveResult | null;
  asked: number;
  late: number;
  messages: number;
};
/**
 * resent: it went out again · reissue-wanted: the application is asked for a new one · hurried: it waited, and is due now ·
 * confirmed: a notice came meanwhile · delivered: the provider's log says so · twice: it was sent again before ·
 * bulk: not sent again by itself · body-gone: its text is kept no longer.
 */
export type RedriveResult =
  | "resent"
  | "reissue-wanted"
  | "hurried"
  | "confirmed"
  | "delivered"
  | "superseded"
  | "expired"
  | "body-gone"
  | "twice"
  | "no-other-way"
  | "bulk"
  | "gone";

export const redriveCounts = (database: Queryable, orderId: number): Promise<RedriveCount[]> =>
  database.query<RedriveCount>(
    `SELECT class, result, (count(*) FILTER (WHERE asked))::int AS asked, count(late_at)::int AS late, count(*)::int AS messages
     FROM redrive_items WHERE order_id = $1 GROUP BY 1, 2 ORDER BY 1, 2`,
    [orderId],
  );

/** The latest first. */
export const listRedriveOrders = (database: Queryable, limit: number): Promise<RedriveOrder[]> =>
  database.query<RedriveOrder>(`SELECT ${COLUMNS} FROM redrive_orders ORDER BY order_id DESC LIMIT $1`, [limit]);

export async function findRedriveOrder(database: Queryable, orderId: number): Promise<RedriveOrder | null> {
  const [row] = await database.query<RedriveOrder>(`SELECT ${COLUMNS} FROM redrive_orders WHERE order_id = $1`, [
    orderId,
  ]);
  return row ?? null;
}
