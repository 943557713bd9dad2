import { type Lane, type Statement, instantArray, int4Array, textArray } from "../store/index.ts";

/** How many deliveries a webhook can take on now. */
export type Room = { tenant: string; webhook: string; free: number };
/** `tries` counts this one; it is also the fence: whoever leases the row next has a higher number. */
export type LeasedDelivery = { eventId: number; tenant: string; webhook: string; tries: number };

/**
 * Due deliveries of each webhook, oldest first, as many as it has room for. The lease is `due_at` itself, pushed to where
 * a node that works on it must have ended: nothing needs to be cleaned up after one that was killed.
 * Index: webhook_deliveries_by_webhook, one short scan per webhook. Rows locked by another node are passed over.
 */
const LEASE_DELIVERIES: Statement = {
  name: "lease-deliveries",
  text: `
WITH due AS MATERIALIZED (
  SELECT d.event_id, d.webhook FROM unnest($1::text[], $2::text[], $3::int4[]) AS room(tenant, webhook, free)
  CROSS JOIN LATERAL (
    SELECT event_id, webhook FROM webhook_deliveries
    WHERE state = 'waiting' AND tenant = room.tenant AND webhook = room.webhook AND due_at <= ($4::timestamptz[])[1]
    ORDER BY due_at LIMIT room.free FOR UPDATE SKIP LOCKED
  ) d
)
UPDATE webhook_deliveries d SET due_at = ($5::timestamptz[])[1], tries = d.tries + 1
FROM due WHERE d.event_id = due.event_id AND d.webhook = due.webhook
RETURNING d.event_id, d.tenant, d.webhook, d.tries`,
};

export async function leaseDeliveries(
  lane: Lane,
  rooms: readonly Room[],
  now: number,
  leasedUntil: number,
): Promise<LeasedDelivery[]> {
  const rows = await lane.execute(LEASE_DELIVERIES, [
    textArray(rooms.map((room) => room.tenant)),
    textArray(rooms.map((room) => room.webhook)),
    int4Array(rooms.map((room) => room.free)),
    instantArray([now]),
    instantArray([leasedUntil]),
  ]);
  return rows.map(([eventId, tenant, webhook, tries]) => ({
    eventId: eventId as number,
    tenant: tenant as string,
    webhook: webhook as string,
    tries: tries as number,
  }));
}
