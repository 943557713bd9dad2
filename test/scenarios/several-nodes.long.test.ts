import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { check } from "../crash/checker.ts";
import { load } from "../crash/load.ts";
import { eventually } from "../support/eventually.ts";
import { twoNodes } from "./two-nodes.ts";

/** S36: several Postern processes on one database. */
describe("two processes on one database, at length", () => {
  const nodes = twoNodes();
  const { drained } = nodes;

  test("one stands still for ten seconds and wakes up: it writes and sends nothing of what is no longer its own", async () => {
    const [first] = [await nodes.rig.start(nodes.file), await nodes.rig.start(nodes.file)];
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
    const verdict = await check(nodes.place.database, accepted, await nodes.sink.report());
    assert.deepEqual([verdict.lost, verdict.unexplained], [[], []]);
    assert.ok(verdict.mostCopies <= 2);
    // The system may stop a process between its last look and the write; that is one message, not twenty.
    assert.ok(verdict.duplicates <= Math.max(1, accepted.length / 1000), `${verdict.duplicates} of ${accepted.length}`);
  });
});
