import assert from "node:assert/strict";
import path from "node:path";
import { describe, test } from "node:test";
import { silentLog, systemClock } from "../../src/kernel/index.ts";
import { type Database, connectDatabase, embeddedTarget } from "../../src/store/index.ts";
import { check } from "../crash/checker.ts";
import { load } from "../crash/load.ts";
import { type Node, type Rig, type Sink, configuration, newRig } from "../crash/rig.ts";
import { eventually } from "../support/eventually.ts";

/** The database Postern brings along dies under load, alone or together with Postern. */
describe("the embedded database", () => {
  test("is started again when it dies: senders are put off, nothing is lost", () =>
    withPostern(async ({ node, sink, data }) => {
      let stopped = false;
      let accepted = 0;
      const loading = load({
        port: node.smtp,
        sessions: 10,
        stopped: () => stopped,
        patient: true,
        onAccepted: () => (accepted += 1),
      });
      for (let n = 1; n <= 2; n += 1) {
        await eventually(() => accepted >= n * 100);
        process.kill(await postmasterOf(data), "SIGQUIT"); // immediate: no checkpoint, as in a crash
        const before = accepted;
        await eventually(() => accepted > before + 20, 30_000);
      }
      stopped = true;
      const result = await loading;
      await lookAt(data, async (database) => {
        await drained(database);
        const verdict = await check(database, result.accepted, await sink.report());
        assert.deepEqual([verdict.lost, verdict.unexplained], [[], []]);
        assert.ok(verdict.duplicates <= 1, `${verdict.duplicates} duplicates`);
      });
    }));

  test("and Postern, killed together as in a power cut, come back with everything that was accepted", () =>
    withPostern(async ({ node, rig, file, sink, data }) => {
      let accepted = 0;
      const loading = load({ port: node.smtp, sessions: 10, stopped: () => false, onAccepted: () => (accepted += 1) });
      await eventually(() => accepted >= 500);
      const postmaster = await postmasterOf(data);
      node.child.kill("SIGKILL");
      process.kill(postmaster, "SIGKILL");
      const result = await loading;
      await node.exited;
      await rig.start(file);
      await lookAt(data, async (database) => {
        await drained(database);
        const verdict = await check(database, result.accepted, await sink.report());
        assert.deepEqual([verdict.lost, verdict.unexplained], [[], []]);
      });
    }));
});

type Scene = { node: Node; rig: Rig; file: string; sink: Sink; data: string };

async function withPostern(scene: (parts: Scene) => Promise<void>): Promise<void> {
  const rig = newRig();
  try {
    const sink = await rig.sink();
    const file = rig.configure(configuration([sink, sink], { database: false }));
    const node = await rig.start(file);
    await scene({ node, rig, file, sink, data: path.join(rig.folder, "data") });
  } finally {
    await rig.end();
  }
}

async function lookAt(data: string, work: (database: Database) => Promise<void>): Promise<void> {
  const target = await eventually(() => embeddedTarget(data));
  const database = connectDatabase({ target, clock: systemClock, log: silentLog });
  try {
    await work(database);
  } finally {
    await database.close();
  }
}

async function postmasterOf(data: string): Promise<number> {
  const target = await eventually(() => embeddedTarget(data));
  const database = connectDatabase({ target, clock: systemClock, log: silentLog });
  try {
    // The first line of postmaster.pid, which only the server's own user may read from outside.
    const rows = await eventually(async () =>
      database
        .query<{ pid: string }>("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1) AS pid")
        .catch(() => null),
    );
    return Number(rows[0]!.pid);
  } finally {
    await database.close();
  }
}

const drained = (database: Database) =>
  eventually(async () => (await database.query<{ n: number }>("SELECT count(*) AS n FROM queue"))[0]!.n === 0, 60_000);
