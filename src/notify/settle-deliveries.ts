import { type Lane, type Statement, boolArray, instantArray, int2Array, int8Array, textArray } from "../store/index.ts";
import type { LeasedDelivery } from "./lease-deliveries.ts";
import type { Verdict } from "./verdict.ts";

/**
 * What became of a group of deliveries. A failed try is written only by the one who holds the lease (`tries` unchanged);
 * a success in any case: the receiver has it, whoever else is trying. Index: primary key.
 */
const SETTLE_DELIVERIES: Statement = {
  name: "settle-deliveries",
  text: `
WITH given AS (
  SELECT * FROM unnest($1::int8[], $2::text[], $3::int2[], $4::text[], $5::timestamptz[], $6::text[], $7::bool[])
    AS g(event_id, webhook, tries, state, due_at, error, given_back)
)
UPDATE webhook_deliveries d SET state = g.state, due_at = coalesce(g.due_at, d.due_at), last_error = coalesce(g.error, d.last_error),
  tries = d.tries - CASE WHEN g.given_back THEN 1 ELSE 0 END,
  settled_at = CASE WHEN g.state <> 'waiting' THEN ($8::timestamptz[])[1] END
FROM given g
WHERE d.event_id = g.event_id AND d.webhook = g.webhook AND d.state = 'waiting' AND (g.state = 'delivered' OR d.tries = g.tries)
RETURNING d.event_id, d.webhook`,
};

export type Settled = { delivery: LeasedDelivery; verdict: Verdict };

/** @returns for each, whether it was written. */
export async function settleDeliveries(lane: Lane, settled: readonly Settled[], now: number): Promise<boolean[]> {
  const rows = await lane.execute(SETTLE_DELIVERIES, [
    int8Array(settled.map(({ delivery }) => BigInt(delivery.eventId))),
    textArray(settled.map(({ delivery }) => delivery.webhook)),
    int2Array(settled.map(({ delivery }) => delivery.tries)),
    textArray(settled.map(({ verdict }) => (isOver(verdict) ? verdict.kind : "waiting"))),
    instantArray(settled.map(({ verdict }) => ("dueAt" in verdict ? verdict.dueAt : null))),
    textArray(settled.map(({ verdict }) => ("error" in verdict ? verdict.error : null))),
    boolArray(settled.map(({ verdict }) => verdict.kind === "released")),
    instantArray([now]),
  ]);
  const written = new Set(rows.map(([eventId, webhook]) => `${String(eventId)} ${String(webhook)}`));
  return settled.map(({ delivery }) => written.has(`${delivery.eventId} ${delivery.webhook}`));
}

const isOver = (verdict: Verdict): boolean => verdict.kind === "delivered" || verdict.kind === "gave-up";
