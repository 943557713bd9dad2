import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { type Clock, newNodeId, newSpoolId, silentLog, systemClock, systemRandom } from "../kernel/index.ts";
import type { State } from "../judge/index.ts";
import { LeafMaker } from "../ledger/index.ts";
import { RowWatch } from "../store/index.ts";
import { Drills } from "./drills.ts";
import type { DrillOrder, DrillPlan } from "./plan.ts";
import { completeAt, reportOf } from "./report.ts";
import { type Drill, findDrill, listDrills } from "./rows.ts";
import { startDrill, stopDrill } from "./start.ts";
import { Withdrawals } from "./withdrawals.ts";

const T0 = Date.UTC(2026, 10, 25, 12);
const MINUTE = 60_000;
let fresh: FreshDatabase;
let now = T0;
const clock: Clock = { ...systemClock, now: () => now };
const leaves = new LeafMaker(Buffer.alloc(32, 7));
const states = new Map<string, State>();

before(async () => {
  fresh = await freshDatabase();
});
after(() => fresh.drop());
afterEach(async () => {
  await fresh.database.query("TRUNCATE drills, messages, attempts, queue, nodes, message_events");
  states.clear();
  now = T0;
});

const ORDER: DrillOrder = {
  provider: "harbour",
  streams: null,
  share: 1,
  forMs: 2 * MINUTE,
  operator: "ada",
  reason: "monthly",
};
const PLAN: DrillPlan = { moves: [{ tenant: "acme", stream: "resets", class: "C0", to: "lantern", others: [] }] };

async function start(order: Partial<DrillOrder> = {}): Promise<Drill> {
  await fresh.database.query("INSERT INTO nodes (node_id, label) VALUES ($1, 'test')", [
    newNodeId(systemClock, systemRandom),
  ]);
  return startDrill({ database: fresh.database, clock, leaves }, { ...ORDER, ...order }, PLAN);
}
const leader = () =>
  new Drills({
    database: fresh.database,
    leaves,
    stateOf: (name) => states.get(name) ?? "HEALTHY",
    clock,
    log: silentLog,
  });
const found = async (drill: Drill): Promise<Drill> => (await findDrill(fresh.database, drill.drillId))!;
const leafKinds = async (drill: Drill): Promise<unknown[]> =>
  (await fresh.database.query<{ leaf: Buffer }>("SELECT leaf FROM ledger_leaves ORDER BY leaf_id"))
    .map(({ leaf }) => JSON.parse(leaf.toString()) as { kind: string; drill: number })
    .filter((leaf) => leaf.drill === drill.drillId)
    .map(({ kind }) => kind);

/** A message that was accepted at T0 + `at` and taken (or not) by a provider `tookMs` later. */
async function mail(
  at: number,
  provider: string,
  { outcome = "accepted", tookMs = 100, why = "preferred", tenant = "acme", class: of = 0, n = 1, id = "" } = {},
): Promise<string> {
  const spoolId = id || newSpoolId(clock, systemRandom);
  if (!id)
    await fresh.database.query(
      `INSERT INTO messages (spool_id, tenant, stream, class, credential, door, return_path, author, header_message_id, size_bytes, body_mac, needs_smtputf8, needs_8bit, accepted_at)
       VALUES ($1, $2, 'resets', $3, 'app', 'http', '', 'a@acme.test', 'x', 1, '\\x00', false, false, $4)`,
      [spoolId, tenant, of, new Date(T0 + at)],
    );
  await fresh.database.query(
    `INSERT INTO attempts (spool_id, n, provider, route_reason, node, fence, intent_at, settled_at, outcome)
     VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8)`,
    [
      spoolId,
      n,
      provider,
      why,
      newNodeId(clock, systemRandom),
      new Date(T0 + at + 10),
      new Date(T0 + at + tookMs),
      outcome,
    ],
  );
  return spoolId;
}

test("it begins with a leaf, one at a time, and only where somebody would watch it", async () => {
  await assert.rejects(startDrill({ database: fresh.database, clock, leaves }, ORDER, PLAN), {
    code: "drill-nobody-runs",
  });
  const drill = await start();
  assert.equal(drill.untilAt, T0 + 2 * MINUTE);
  await assert.rejects(start({ provider: "lantern" }), { code: "drill-already-runs" });
  assert.deepEqual(await leafKinds(drill), ["drill.started"]);
  await assert.rejects(start({ share: 0 }), { code: "drill-bad-order" });
  await assert.rejects(start({ forMs: 3 * 3_600_000 }), { code: "drill-bad-order" });
});

test("a node advises against the provider from the next look on", async () => {
  const watch = new RowWatch({ database: fresh.database, clock, log: silentLog });
  const withdrawals = new Withdrawals({ database: fresh.database, watch, clock });
  const drill = await start();
  await watch.start();
  const message = { class: "C0" as const, tenant: "acme", stream: "resets" };
  assert.deepEqual(withdrawals.useOf("harbour", message), { use: "avoid", why: `drill ${drill.drillId}` });
  now = drill.untilAt;
  assert.deepEqual(withdrawals.useOf("harbour", message), { use: "yes" });
  await watch.stop();
});

test("the leader ends it at its time, with a leaf, and once", async () => {
  const drill = await start();
  const drills = leader();
  await drills.tick(T0 + MINUTE);
  assert.equal((await found(drill)).endedAt, null);
  await drills.tick(T0 + 2 * MINUTE + 700);
  await leader().tick(T0 + 2 * MINUTE + 900);
  const ended = await found(drill);
  assert.deepEqual([ended.endedBy, ended.endedAt], ["time", T0 + 2 * MINUTE]);
  assert.deepEqual(await leafKinds(drill), ["drill.started", "drill.ended"]);
});

test("the leader ends it when a stand-in falls, a person asks, or critical mail waits", async () => {
  const one = await start();
  states.set("lantern", "SUSPECT");
  await leader().tick(T0 + 1_000);
  assert.equal((await found(one)).endedBy, "stand-in-fell");
  states.clear();

  const two = await start();
  await stopDrill({ database: fresh.database, clock }, null, "grace");
  await leader().tick(T0 + 5_000);
  const stopped = await found(two);
  assert.match(stopped.endedBecause!, /grace/);
  assert.equal(stopped.endedAt, T0, "from the word on no node withdraws it");
  await assert.rejects(stopDrill({ database: fresh.database, clock }, two.drillId, "grace"), {
    code: "drill-not-running",
  });

  const three = await start();
  const waiting = await mail(1_000, "lantern", { outcome: "deferred" });
  const early = await mail(-600_000, "lantern", { outcome: "deferred" });
  for (const [id, of] of [
    [waiting, 0],
    [early, 1],
  ] as const)
    await fresh.database.query("INSERT INTO queue (spool_id, class, state, due_at) VALUES ($1, $2, 'queued', $3)", [
      id,
      of,
      new Date(T0),
    ]);
  await leader().tick(T0 + 30_000);
  assert.equal((await found(three)).endedBy, null, "what waited before the drill is none of its doing");
  await leader().tick(T0 + 32_000);
  assert.equal((await found(three)).endedBy, "critical-waits");
  assert.equal((await listDrills(fresh.database, 10)).length, 3);
});

test("stand-ins that put off more than a tenth end it", async () => {
  const drill = await start();
  for (let n = 0; n < 30; n += 1) await mail(1_000 + n, "lantern", { outcome: n < 4 ? "deferred" : "accepted" });
  await leader().tick(T0 + 5_000);
  assert.equal((await found(drill)).endedBy, "deferrals");
});

test("the report tells what moved, how fast, and what it cost; the leader keeps it once it is complete", async () => {
  const drill = await start();
  const why = `standby; not harbour: drill ${drill.drillId}`;
  for (let n = 0; n < 10; n += 1) await mail(-60_000 + n * 1_000, "harbour", { tookMs: 100 });
  await mail(200, "harbour");
  for (let n = 0; n < 20; n += 1) await mail(600 + n * 1_000, "lantern", { tookMs: 400, why });
  await mail(60_000, "harbour", { why: "last resort: drill" });
  const twice = await mail(30_000, "lantern", { why, class: 2 });
  await mail(30_000, "beacon", { id: twice, n: 2 });
  await mail(40_000, "harbour", { tenant: "~canary" });
  await mail(130_000, "harbour");
  const drills = leader();
  await drills.tick(T0 + 2 * MINUTE);
  const ended = await found(drill);
  await drills.tick(completeAt(ended) - 1);
  assert.equal((await found(drill)).report, null);
  await drills.tick(completeAt(ended) + 70_000);
  const { report } = await found(drill);
  assert.ok(report);
  assert.deepEqual(
    report.during.flows.map((flow) => [flow.class, flow.provider, flow.accepted]),
    [
      ["C0", "harbour", 2],
      ["C0", "lantern", 20],
      ["C2", "beacon", 1],
      ["C2", "lantern", 1],
    ],
  );
  assert.deepEqual(
    report.before.flows.map((flow) => [flow.provider, flow.accepted]),
    [["harbour", 10]],
  );
  assert.equal(report.before.handoffMs?.p50, 100);
  assert.equal(report.during.handoffMs?.p50, 400);
  assert.equal(report.firstElsewhereMs, 610);
  assert.equal(report.lastThroughItMs, 60_010);
  assert.equal(report.throughItAllTheSame, 1);
  assert.equal(report.backMs, 10_010);
  assert.equal(report.twice, 1);
  assert.equal(
    report.chart.it.reduce((sum, n) => sum + n, 0),
    13,
  );
});

test("a drill that runs has a report as far as it is", async () => {
  const drill = await start();
  await mail(1_000, "lantern", { why: `standby; not harbour: drill ${drill.drillId}` });
  const report = await reportOf(fresh.database, drill, T0 + 30_000);
  assert.equal(report.during.toAt, T0 + 30_000);
  assert.equal(report.firstElsewhereMs, 1_010);
  assert.equal(report.after.flows.length, 0);
});
