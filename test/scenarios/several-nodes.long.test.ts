import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { check } from "../crash/checker.ts";
import { load } from "../crash/load.ts";
import { type Rig, type Sink, configuration, newRig } from "../crash/rig.ts";
import { eventually } from "../support/eventually.ts";
import { type FreshDatabase, freshDatabase } from "../support/postgres.ts";

/** S36: several Postern processes on one database. */
describe("two processes on one database, at length", () => {
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

  test("one stands still for ten seconds and wakes up: it writes and sends nothing of what is no longer its own", async () => {
    const [first] = [await rig.start(file), await rig.start(file)];
    let stopped = false;
    let taken = 0;
    const loading = load({
      port: first.smtp,
      sessions: 20,
      stopped: () => stopped,
      patient: true,
      onAccepted: () => (taken += 1),
    });
    await eventually(() => taken >= 300);
    first.child.kill("SIGSTOP");
    await pause(10_000); // the time itself is the scenario: longer than a node may be silent
    first.child.kill("SIGCONT");
    const before = taken;
    await eventually(() => taken > before + 100, 30_000);
    stopped = true;
    const { accepted } = await loading;
    await drained();
    const verdict = await check(place.database, accepted, await sink.report());
    assert.deepEqual([verdict.lost, verdict.unexplained], [[], []]);
    assert.ok(verdict.mostCopies <= 2);
    // The system may stop a process between its last look and the write; that is one message, not twenty.
    assert.ok(verdict.duplicates <= Math.max(1, accepted.length / 1000), `${verdict.duplicates} of ${accepted.length}`);
  });
});
