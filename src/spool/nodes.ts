import type { Clock, NodeId } from "../kernel/index.ts";
import type { Lane, Queryable, Statement } from "../store/index.ts";

/**
 * Who is alive. A node changes its row every HEARTBEAT_MS; one whose row stood still for NODE_TTL_MS loses its leases to
 * the others. A node that could not write for SELF_FENCE_MS stops handing off by itself, well before anyone takes over.
 * Both times are measured by the steady clock of the process that waits, so no two work on one message whatever the wall
 * clocks say, that of the database included: set forward it would make all nodes look dead, set back none.
 */
export const HEARTBEAT_MS = 1_000;
export const SELF_FENCE_MS = 4_000;
export const NODE_TTL_MS = 6_000;
export const SWEEP_MS = 1_000;

const HEARTBEAT: Statement = {
  name: "heartbeat",
  text: "INSERT INTO nodes (node_id, label) VALUES ($1, $2) ON CONFLICT (node_id) DO UPDATE SET seen_at = clock_timestamp()",
};

/** Over a connection of its own: a node that is merely busy must not look dead. */
export async function heartbeat(lane: Pick<Lane, "execute">, node: NodeId, label: string): Promise<void> {
  await lane.execute(HEARTBEAT, [node, label]);
}

/** A node's row as it was seen: `mark` changes with every heartbeat, and says nothing else. */
export type Sighting = { nodeId: NodeId; mark: string };

export const sightings = (database: Queryable): Promise<Sighting[]> =>
  database.query<Sighting>(`SELECT node_id AS "nodeId", seen_at::text AS mark FROM nodes`);

/** Remembers since when each node's row stands still. */
export class NodeWatch {
  readonly #clock: Clock;
  #still = new Map<NodeId, { mark: string; sinceMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns those that stood still for NODE_TTL_MS. */
  gone(seen: readonly Sighting[]): Sighting[] {
    const now = this.#clock.monotonicMs();
    const before = this.#still;
    this.#still = new Map(
      seen.map(({ nodeId, mark }) => {
        const last = before.get(nodeId);
        return [nodeId, last?.mark === mark ? last : { mark, sinceMs: now }];
      }),
    );
    return seen.filter(({ nodeId }) => now - this.#still.get(nodeId)!.sinceMs >= NODE_TTL_MS);
  }
}

/**
 * Gives the work of nodes that are gone, and of those nobody knows, back to the queue, due at once; their old fences are
 * dead from here on.
 * @param self who asks lives, whatever its row says: after a database that was away for a minute the first one to ask
 * would otherwise take its own messages from itself, answers of providers on their way and all.
 * @param gone one that moved since it was seen so stays.
 * @returns how many messages.
 */
export async function takeOver(database: Queryable, self: NodeId, gone: readonly Sighting[] = []): Promise<number> {
  const rows = await database.query<{ n: number }>(
    `WITH gone AS (
       DELETE FROM nodes n USING unnest($2::uuid[], $3::text[]) AS g(node_id, mark)
       WHERE n.node_id = g.node_id AND n.seen_at::text = g.mark AND n.node_id <> $1 RETURNING n.node_id
     ), orphaned AS (
       UPDATE queue SET state = 'queued', lease_node = NULL, fence = fence + 1, due_at = clock_timestamp()
       WHERE state = 'leased' AND lease_node <> $1 AND (lease_node IN (SELECT node_id FROM gone) OR lease_node NOT IN (SELECT node_id FROM nodes))
       RETURNING 1
     ) SELECT count(*)::int AS n FROM orphaned`,
    [self, gone.map((one) => one.nodeId), gone.map((one) => one.mark)],
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
