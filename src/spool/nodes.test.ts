import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { T0, newMessage } from "../../test/support/new-message.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { type NodeId, newNodeId, noFailpoint, systemClock, systemRandom } from "../kernel/index.ts";
import {
  NODE_TTL_MS,
  NodeWatch,
  SELF_FENCE_MS,
  HEARTBEAT_MS,
  forgetOtherNodes,
  heartbeat,
  leave,
  sightings,
  takeOver,
} from "./nodes.ts";
import { Spool } from "./spool.ts";
import type { Lane } from "../store/index.ts";

let fresh: FreshDatabase;
const [one, two, asker] = [0, 0, 0].map(() => newNodeId(systemClock, systemRandom)) as [NodeId, NodeId, NodeId];
let spools: Record<NodeId, Spool>;
let hearts: Lane;

before(async () => {
  fresh = await freshDatabase();
  hearts = fresh.database.openLane("heartbeat");
  const spoolOf = (node: NodeId) => new Spool({ node, database: fresh.database, failpoint: noFailpoint });
  spools = { [one]: spoolOf(one), [two]: spoolOf(two) };
});
after(() => fresh.drop());
afterEach(() => fresh.database.query("TRUNCATE queue, nodes, messages, recipients, bodies, attempts"));

/** `count` messages leased to a node. */
async function leasedTo(node: NodeId, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => spools[node]!.accept(newMessage({ leased: true }))));
}
/** What a step of the database's clock does to every row: the clock went `ms` forward (back, where negative). */
const clockSteps = (ms: number) =>
  fresh.database.query("UPDATE nodes SET seen_at = seen_at - $1 * interval '1 millisecond'", [ms]);
/** One who watches, with a steady clock of its own. */
function watcher() {
  let nowMs = 0;
  const watch = new NodeWatch({ ...systemClock, monotonicMs: () => nowMs });
  return {
    pass: (ms: number) => (nowMs += ms),
    look: async () => takeOver(fresh.database, asker, watch.gone(await sightings(fresh.database))),
  };
}
const stateCounts = async () => {
  const rows = await fresh.database.query<{ state: string; n: number }>(
    "SELECT state, count(*) AS n FROM queue GROUP BY 1 ORDER BY 1",
  );
  return Object.fromEntries(rows.map((row) => [row.state, row.n]));
};

test("a node whose row stands still for a while loses its leases and no other one does", async () => {
  for (const node of [one, two]) await heartbeat(hearts, node, "n");
  await leasedTo(one, 3);
  await leasedTo(two, 2);
  const { look, pass } = watcher();
  assert.equal(await look(), 0);
  pass(NODE_TTL_MS - 1);
  await heartbeat(hearts, two, "n");
  assert.equal(await look(), 0, "not yet");
  pass(1);
  assert.equal(await look(), 3);
  assert.deepEqual(await stateCounts(), { leased: 2, queued: 3 });
  assert.equal(await look(), 0);
});

test("a clock of the database that is set takes nothing from a node that lives, and keeps no dead one alive", async () => {
  for (const hour of [3_600_000, -3_600_000]) {
    for (const node of [one, two]) await heartbeat(hearts, node, "n");
    await leasedTo(one, 3);
    await leasedTo(two, 2);
    const { look, pass } = watcher();
    assert.equal(await look(), 0);
    await clockSteps(hour);
    assert.equal(await look(), 0, "seen an hour ago, or in an hour");
    pass(NODE_TTL_MS - 1);
    await heartbeat(hearts, two, "n");
    assert.equal(await look(), 0);
    pass(1);
    assert.equal(await look(), 3);
    await fresh.database.query("TRUNCATE queue, nodes");
  }
});

test("a watcher that stood still itself finds who moved meanwhile alive", async () => {
  await heartbeat(hearts, one, "n");
  await leasedTo(one, 1);
  const { look, pass } = watcher();
  await look();
  pass(NODE_TTL_MS * 10);
  const old = await sightings(fresh.database);
  await heartbeat(hearts, one, "n");
  assert.equal(await takeOver(fresh.database, asker, old), 0, "judged by what it had seen before");
  assert.equal(await look(), 0);
});

test("what is taken over is due at once, whatever its clock said, under a new fence", async () => {
  await spools[one]!.accept(newMessage({ leased: true, acceptedAt: T0 + 365 * 86_400_000 * 10 }));
  await takeOver(fresh.database, asker);
  const [row] = await fresh.database.query<{ fence: number; due: boolean }>(
    "SELECT fence, due_at <= clock_timestamp() AS due FROM queue",
  );
  assert.deepEqual(row, { fence: 2, due: true });
});

test("leases of a node nobody knows are taken over too", async () => {
  await heartbeat(hearts, two, "n");
  await leasedTo(one, 2);
  assert.equal(await takeOver(fresh.database, asker), 2);
});

test("two nodes that take over at once do it once", async () => {
  await leasedTo(one, 50);
  const taken = await Promise.all([
    takeOver(fresh.database, asker),
    takeOver(fresh.database, asker),
    takeOver(fresh.database, asker),
  ]);
  assert.equal(
    taken.reduce((sum, n) => sum + n, 0),
    50,
  );
  const [row] = await fresh.database.query<{ fences: number[] }>(
    "SELECT array_agg(DISTINCT fence::int) AS fences FROM queue",
  );
  assert.deepEqual(row!.fences, [2]);
});

test("a node that asks never takes itself for dead, however long the database was away", async () => {
  await heartbeat(hearts, one, "n");
  await leasedTo(one, 2);
  const gone = await sightings(fresh.database);
  assert.equal(await takeOver(fresh.database, one, gone), 0);
  assert.deepEqual(await stateCounts(), { leased: 2 });
  assert.equal(await takeOver(fresh.database, two, gone), 2, "but others do");
});

test("a clean leave gives the leases back at once and takes the node off the list", async () => {
  for (const node of [one, two]) await heartbeat(hearts, node, "n");
  await leasedTo(one, 2);
  await leasedTo(two, 1);
  await leave(fresh.database, one);
  assert.deepEqual(await stateCounts(), { leased: 1, queued: 2 });
  assert.deepEqual(await fresh.database.query("SELECT node_id FROM nodes"), [{ node_id: two }]);
});

test("the only holder of a database forgets the nodes before it, and then takes their work over", async () => {
  await heartbeat(hearts, one, "killed a second ago");
  await leasedTo(one, 2);
  await forgetOtherNodes(fresh.database);
  await heartbeat(hearts, two, "n");
  assert.equal(await takeOver(fresh.database, asker), 2);
});

test("a node stops by itself well before anyone takes its work, and shows itself several times in between", () => {
  assert.ok(SELF_FENCE_MS + HEARTBEAT_MS < NODE_TTL_MS);
  assert.ok(HEARTBEAT_MS * 3 < SELF_FENCE_MS);
});
