import type { NodeId } from "../kernel/index.ts";
import type { Queryable } from "../store/index.ts";

/**
 * Who is alive. A node writes its heartbeat by the database's clock every HEARTBEAT_MS; one that was not seen for
 * NODE_TTL_MS loses its leases to the others. A node that could not write for SELF_FENCE_MS (by its own steady
 * clock) stops handing off by itself, well before anyone takes over: so no two work on one message, whatever the
 * wall clocks say.
 */
export const HEARTBEAT_MS = 1_000;
export const SELF_FENCE_MS = 4_000;
export const NODE_TTL_MS = 6_000;
export const SWEEP_MS = 1_000;

export async function heartbeat(database: Queryable, node: NodeId, label: string): Promise<void> {
  await database.query(
    "INSERT INTO nodes (node_id, label) VALUES ($1, $2) ON CONFLICT (node_id) DO UPDATE SET seen_at = clock_timestamp()",
    [node, label],
  );
}

/**
 * Gives the work of nodes that are gone back to the queue, due at once; their old fences are dead from here on.
 * @param self who asks lives, whatever its row says: after a database that was away for a minute the first one to ask
 * would otherwise take its own messages from itself, answers of providers on their way and all.
 * @returns how many messages.
 */
export async function takeOver(database: Queryable, self: NodeId | null = null): Promise<number> {
  const rows = await database.query<{ n: number }>(
    `WITH gone AS (
       DELETE FROM nodes WHERE seen_at < clock_timestamp() - $1 * interval '1 millisecond' AND node_id IS DISTINCT FROM $2 RETURNING node_id
     ), orphaned AS (
       UPDATE queue SET state = 'queued', lease_node = NULL, fence = fence + 1, due_at = clock_timestamp()
       WHERE state = 'leased' AND lease_node IS DISTINCT FROM $2 AND (lease_node IN (SELECT node_id FROM gone) OR lease_node NOT IN (SELECT node_id FROM nodes))
       RETURNING 1
     ) SELECT count(*)::int AS n FROM orphaned`,
    [NODE_TTL_MS, self],
  );
  return rows[0]!.n;
}

/** At a clean end: this node's leases go back at once. */
export async function leave(database: Queryable, node: NodeId): Promise<void> {
  await database.query(
    `WITH mine AS (DELETE FROM nodes WHERE node_id = $1)
     UPDATE queue SET state = 'queued', lease_node = NULL, fence = fence + 1, due_at = clock_timestamp() WHERE state = 'leased' AND lease_node = $1`,
    [node],
  );
}

/** For the one holder of an embedded database: whoever else is registered died with a former process. */
export async function forgetOtherNodes(database: Queryable): Promise<void> {
  await database.query("DELETE FROM nodes");
}
