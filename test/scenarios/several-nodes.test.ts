import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { check } from "../crash/checker.ts";
import { load } from "../crash/load.ts";
import { eventually } from "../support/eventually.ts";
import { twoNodes } from "./two-nodes.ts";

/** S36: several Postern processes on one database. */
describe("two processes on one database", () => {
  const nodes = twoNodes();
  const { count, drained } = nodes;

  test("share a backlog: each message goes out once, and both have worked", async () => {
    const taker = await nodes.rig.start(nodes.file);
    await nodes.sink.mode("deferring");
    let taken = 0;
    const { accepted } = await load({
      port: taker.smtp,
      sessions: 20,
      stopped: () => taken >= 1_500,
      onAccepted: () => (taken += 1),
    });
    taker.child.kill("SIGTERM");
    await taker.exited;
    await nodes.place.database.query("UPDATE queue SET due_at = now() + interval '1 hour'");
    await nodes.sink.mode("normal");
    await Promise.all([nodes.rig.start(nodes.file), nodes.rig.start(nodes.file)]);
    await nodes.place.database.query("UPDATE queue SET due_at = now()");
    await drained();
    const verdict = await check(nodes.place.database, accepted, await nodes.sink.report());
    assert.deepEqual([verdict.lost, verdict.duplicates], [[], 0]);
    assert.equal(await count("SELECT count(DISTINCT node) AS n FROM attempts WHERE outcome = 'accepted'"), 2);
  });

  test("one is killed: the other takes its leases over", async (t) => {
    const [first, second] = [await nodes.rig.start(nodes.file), await nodes.rig.start(nodes.file)];
    let taken = 0;
    const loading = load({ port: first.smtp, sessions: 20, stopped: () => false, onAccepted: () => (taken += 1) });
    await eventually(() => taken >= 300);
    const [dead] = await nodes.place.database.query<{ node_id: string }>(
      "SELECT node_id FROM nodes ORDER BY started_at LIMIT 1",
    );
    first.child.kill("SIGKILL");
    const killedAt = performance.now();
    const { accepted } = await loading;
    await eventually(
      async () =>
        (await nodes.place.database.query("SELECT 1 FROM queue WHERE lease_node = $1 LIMIT 1", [dead!.node_id]))
          .length === 0 &&
        (await nodes.place.database.query("SELECT 1 FROM nodes WHERE node_id = $1", [dead!.node_id])).length === 0,
      30_000,
    );
    t.diagnostic(
      `the dead node's leases were taken over ${Math.round(performance.now() - killedAt)} ms after the kill`,
    );
    await drained();
    const verdict = await check(nodes.place.database, accepted, await nodes.sink.report());
    assert.deepEqual([verdict.lost, verdict.unexplained], [[], []]);
    assert.ok(second.child.exitCode === null);
  });
});
