import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { silentLog, systemClock, systemRandom } from "../../src/kernel/index.ts";
import { connectDatabase, startEmbedded } from "../../src/store/index.ts";
import { embeddedHome } from "../../src/store/embedded/home.ts";
import { keepRunning } from "../../src/store/embedded/keep-running.ts";
import { isStuck } from "../../src/store/embedded/stuck.ts";
import { check } from "../crash/checker.ts";
import { load } from "../crash/load.ts";
import { configuration, newRig } from "../crash/rig.ts";
import { eventually } from "../support/eventually.ts";

const skip =
  process.platform !== "linux"
    ? "preloads a library into PostgreSQL, which is done on Linux"
    : spawnSync("cc", ["--version"]).status !== 0
      ? "needs a C compiler (cc)"
      : false;

/**
 * A disk that fails to flush (EIO). PostgreSQL panics rather than flush again, as a second fsync may say yes without
 * having written what the first one lost; it stays down for as long as it cannot flush.
 */
test(
  "flushes fail under load: the database goes down at once, and nothing was promised in vain",
  { skip },
  async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), "postern-fsync-"));
    chmodSync(folder, 0o755);
    const flag = path.join(folder, "failing");
    const server = await failingServer(folder, flag);
    const rig = newRig({ RIG_DATABASE: server.url });
    const database = connectDatabase({ target: server.target, clock: systemClock, log: silentLog });
    let stopped = false;
    try {
      const sink = await rig.sink();
      const node = await rig.start(rig.configure(configuration([sink, sink])));
      let accepted = 0;
      let refused = 0;
      const loading = load({
        port: node.smtp,
        sessions: 10,
        stopped: () => stopped,
        patient: true,
        onAccepted: () => (accepted += 1),
        onRefused: () => (refused += 1),
      });
      await eventually(() => accepted >= 300);
      writeFileSync(flag, "");
      await eventually(() => refused >= 20);
      const acceptedWhileFailing = accepted;
      await eventually(() => /PANIC: {2}could not f(data)?sync file .*Input\/output error/.test(server.log()));
      assert.ok(accepted <= acceptedWhileFailing, "accepted while nothing could be flushed");
      await eventually(() => server.starts() >= 2, 40_000); // it stood still, and was ended

      rmSync(flag);
      await eventually(() => accepted >= acceptedWhileFailing + 100, 30_000);
      stopped = true;
      const result = await loading;
      await eventually(
        async () =>
          (await database.query<{ n: number }>("SELECT count(*) AS n FROM queue").catch(() => null))?.[0]?.n === 0,
        60_000,
      );
      t.diagnostic(
        `${result.accepted.length} accepted, the slowest refusal in ${Math.round(result.slowestRefusalMs)} ms`,
      );
      const verdict = await check(database, result.accepted, await sink.report());
      assert.deepEqual([verdict.lost, verdict.unexplained], [[], []]);
    } finally {
      stopped = true;
      rmSync(flag, { force: true });
      await database.close();
      await rig.end();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

/** A PostgreSQL whose flushes fail while `flag` exists, started again whenever it is down, as Postern does with its own. */
async function failingServer(folder: string, flag: string) {
  const data = path.join(folder, "data");
  const made = await startEmbedded({ dataFolder: data, clock: systemClock, random: systemRandom, log: silentLog });
  const { target } = made;
  await made.stop();
  assert.ok("host" in target);
  const library = path.join(folder, "fsync-fails.so");
  const source = path.join(import.meta.dirname, "../support/fsync-fails.c");
  const built = spawnSync("cc", ["-shared", "-fPIC", "-o", library, source], { encoding: "utf8" });
  assert.equal(built.status, 0, built.stderr);

  const home = embeddedHome(data);
  const logFile = path.join(folder, "server.log");
  const settings = [`unix_socket_directories=${home.socketFolder}`, "listen_addresses=", "max_wal_size=128MB"];
  let child = start();
  let starts = 1;
  function start(): ChildProcess {
    const log = openSync(logFile, "a");
    const words = ["-D", home.cluster, ...settings.flatMap((one) => ["-c", one])];
    const started = spawn(path.join(home.programs, "bin/postgres"), words, {
      ...(home.user ? { uid: home.user.uid, gid: home.user.gid } : {}),
      env: { LC_ALL: "C", TZ: "UTC", LD_PRELOAD: library, FSYNC_FAILS: flag },
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    return started;
  }
  const watch = keepRunning({
    pid: () => child.pid!,
    isStuck: () => isStuck(target, child.pid!),
    startAgain: () => {
      child = start();
      starts += 1;
    },
    said: () => Promise.resolve({ said: "", diskFreeBytes: 0 }),
    clock: systemClock,
    log: silentLog,
  });
  const { host, port, user, password, database } = target;
  await eventually(() => readFileSync(logFile, "utf8").includes("ready to accept connections"));
  return {
    target,
    url: `postgres://${user}:${password}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`,
    starts: () => starts,
    log: () => readFileSync(logFile, "utf8"),
    async stop() {
      await watch.stop();
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGQUIT");
      await gone;
    },
  };
}
