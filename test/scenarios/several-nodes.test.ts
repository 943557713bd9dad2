import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { check } from "../crash/checker.ts";
import { load } from "../crash/load.ts";
import { type Rig, type Sink, configuration, newRig } from "../crash/rig.ts";
import { eventually } from "../support/eventually.ts";
import { type FreshDatabase, freshDatabase } from "../support/postgres.ts";

/** S36: several Postern processes on one database. */
describe("two processes on one database", () => {
  let place: FreshDatabase;
  let rig: Rig;
  let sink: Sink;
  let file: string;

  beforeEach(async () => {
    place = await freshDatabase();
    rig = newRig({ RIG_DATABASE: place.url });
    sink = await rig.sink();
    file = rig.configure(configuration([sink, sink]));
  });
  afterEach(async () => {
    await rig.end();
    await place.drop();
  });

  const count = async (sql: string) => (await place.database.query<{ n: number }>(sql))[0]!.n;
  const drained = () => eventually(async () => (await count("SELECT count(*) AS n FROM queue")) === 0, 60_000);

  test("share a backlog: each message goes out once, and both have worked", async () => {
    const taker = await rig.start(file);
    await sink.mode("deferring");
    let taken = 0;
    const { accepted } = await load({
      port: taker.smtp,
      sessions: 20,
      stopped: () => taken >= 1_500,
      onAccepted: () => (taken += 1),
    });
    taker.child.kill("SIGTERM");
    await taker.exited;
    await place.database.query("UPDATE queue SET due_at = now() + interval '1 hour'");
    await sink.mode("normal");
    await Promise.all([rig.start(file), rig.start(file)]);
    await place.database.query("UPDATE queue SET due_at = now()");
    await drained();
    const verdict = await check(place.database, accepted, await sink.report());
    assert.deepEqual([verdict.lost, verdict.duplicates], [[], 0]);
    assert.equal(await count("SELECT count(DISTINCT node) AS n FROM attempts WHERE outcome = 'accepted'"), 2);
  });

  test("one is killed: the other takes its leases over", async (t) => {
    const [first, second] = [await rig.start(file), await rig.start(file)];
    let taken = 0;
    const loading = load({ port: first.smtp, sessions: 20, stopped: () => false, onAccepted: () => (taken += 1) });
    await eventually(() => taken >= 300);
    const [dead] = await place.database.query<{ node_id: string }>(
      "SELECT node_id FROM nodes ORDER BY started_at LIMIT 1",
    );
    first.child.kill("SIGKILL");
    const killedAt = performance.now();
    const { accepted } = await loading;
    await eventually(
      async () =>
        (await place.database.query("SELECT 1 FROM queue WHERE lease_node = $1 LIMIT 1", [dead!.node_id])).length ===
          0 && (await place.database.query("SELECT 1 FROM nodes WHERE node_id = $1", [dead!.node_id])).length === 0,
      30_000,
    );
    t.diagnostic(
      `the dead node's leases were taken over ${Math.round(performance.now() - killedAt)} ms after the kill`,
    );
    await drained();
    const verdict = await check(place.database, accepted, await sink.report());
    assert.deepEqual([verdict.lost, verdict.unexplained], [[], []]);
    assert.ok(second.child.exitCode === null);
  });
});
