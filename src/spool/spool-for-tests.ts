import { after, afterEach, before } from "node:test";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { type Failpoint, type NodeId, newNodeId, noFailpoint, systemClock, systemRandom } from "../kernel/index.ts";
import { Spool } from "./spool.ts";

/**
 * Two nodes on one database, for one test file; every test begins with empty tables. A spool has connections of its
 * own until its database closes, so there are no more than needed.
 */
export const node: NodeId = newNodeId(systemClock, systemRandom);
export let fresh: FreshDatabase;
export let spool: Spool;
export let other: Spool;

export const spoolOf = (nodeId: NodeId, failpoint: Failpoint = noFailpoint) =>
  new Spool({ node: nodeId, database: fresh.database, failpoint });
before(async () => {
  fresh = await freshDatabase();
  spool = spoolOf(node);
  other = spoolOf(newNodeId(systemClock, systemRandom));
});
after(() => fresh.drop());
afterEach(() =>
  fresh.database.query("TRUNCATE messages, recipients, bodies, queue, attempts, message_events, suppressions, nodes"),
);

export const rows = <Row = Record<string, unknown>>(text: string, ...values: unknown[]) =>
  fresh.database.query<Row>(text, values);
export const count = async (table: string): Promise<number> =>
  (await rows<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))[0]!.n;
export const queueRow = async (id: string) =>
  (
    await rows("SELECT state, fence, attempt_count, lease_node, held_reason, due_at FROM queue WHERE spool_id = $1", id)
  )[0];
export const leaves = async (): Promise<string[]> =>
  (await rows<{ leaf: Buffer }>("SELECT leaf FROM ledger_leaves ORDER BY leaf_id")).map((row) => row.leaf.toString());
