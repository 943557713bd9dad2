import type { Input } from "../judge/index.ts";
import type { LeafMaker } from "../ledger/index.ts";
import type { Database, Queryable } from "../store/index.ts";
import { isOverdue, personOf } from "./two-people.ts";

export type OrderKind = "pin-off" | "unpin" | "release-quarantine";
export type Order = {
  orderId: number;
  provider: string;
  kind: OrderKind;
  operator: string;
  why: string;
  keysRotatedAt: number | null;
  orderedAt: number;
};

const OPEN = `
  SELECT order_id AS "orderId", provider, kind, operator, why, keys_rotated_at AS "keysRotatedAt", ordered_at AS "orderedAt"
  FROM standing_orders WHERE answered_at IS NULL ORDER BY order_id LIMIT 100`;

/** Those nobody has answered yet. Index: standing_orders_open, which is empty as a rule. */
export const openOrders = (database: Queryable): Promise<Order[]> => database.query<Order>(OPEN);

/** @returns its number */
export async function placeOrder(database: Queryable, order: Omit<Order, "orderId">): Promise<number> {
  const [row] = await database.query<{ id: number }>(
    `INSERT INTO standing_orders (provider, kind, operator, why, keys_rotated_at, ordered_at)
     VALUES ($1, $2, $3, $4, $5, $6) RETURNING order_id AS id`,
    [
      order.provider,
      order.kind,
      order.operator,
      order.why,
      order.keysRotatedAt === null ? null : new Date(order.keysRotatedAt),
      new Date(order.orderedAt),
    ],
  );
  return row!.id;
}

/** What the leader made of it; null: nothing yet. */
export async function answerOf(database: Queryable, orderId: number): Promise<string | null> {
  const [row] = await database.query<{ answer: string | null }>(
    "SELECT answer FROM standing_orders WHERE order_id = $1",
    [orderId],
  );
  return row?.answer ?? null;
}

/** done: it stands otherwise now · no-change: as it stands, the order changes nothing · expired: no second person came. */
export type OrderAnswer = "done" | "no-change" | "unknown-provider" | "expired";
export type Given = { orders: Order[]; input: Input | null; answer: OrderAnswer | null };

/** What open orders come to. One of two people waits for the other, and two orders of one name are one person. Pure. */
export function inputsOf(open: readonly Order[], now: number): Given[] {
  const given: Given[] = [];
  const releases = Map.groupBy(
    open.filter(({ kind }) => kind === "release-quarantine"),
    ({ provider }) => provider,
  );
  for (const order of open) {
    const { kind, operator, why } = order;
    if (kind !== "release-quarantine")
      given.push({ orders: [order], input: { kind, at: now, operator, why }, answer: null });
  }
  for (const all of releases.values()) {
    const late = all.filter(({ orderedAt }) => isOverdue(orderedAt, now));
    if (late.length > 0) given.push({ orders: late, input: null, answer: "expired" });
    const [first, ...others] = all.filter((one) => !late.includes(one));
    const second = others.find((one) => personOf(one) !== personOf(first!));
    if (!first || !second) continue;
    given.push({
      orders: all.filter((one) => !late.includes(one)),
      input: {
        kind: "release-quarantine",
        at: now,
        operators: [first.operator, second.operator],
        keysRotatedAt: Math.min(first.keysRotatedAt ?? 0, second.keysRotatedAt ?? 0),
        why: first.why,
      },
      answer: null,
    });
  }
  return given;
}

/** Who ordered what, for good, and that it was looked at. */
export async function answerOrders(
  database: Database,
  leaves: LeafMaker,
  orders: readonly Order[],
  answer: OrderAnswer,
  at: number,
): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query("UPDATE standing_orders SET answered_at = $2, answer = $3 WHERE order_id = ANY($1)", [
      orders.map(({ orderId }) => orderId),
      new Date(at),
      answer,
    ]);
    for (const { orderId, provider, kind, operator } of orders) {
      const leaf = leaves.order({ order: orderId, provider, kind, operator, answer, at });
      await tx.query("INSERT INTO ledger_leaves (at, leaf) VALUES ($1, $2)", [new Date(at), leaf]);
    }
  });
}
