import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { eventually } from "../../../test/support/eventually.ts";
import { Problem, silentLog, systemClock, systemRandom } from "../../kernel/index.ts";
import { connectDatabase } from "../connect.ts";
import type { Database } from "../database.ts";
import { type EmbeddedServer, embeddedTarget, holderOf, startEmbedded } from "./index.ts";
import { processMark } from "./holder.ts";

/** One data folder through its whole life: the tests follow each other. */
let dataFolder: string;
let server: EmbeddedServer | undefined;
let database: Database | undefined;
const children: ChildProcess[] = [];

before(() => {
  dataFolder = mkdtempSync(path.join(tmpdir(), "postern-embedded-"));
  chmodSync(dataFolder, 0o755); // a start as root runs the server as another user
});
after(async () => {
  for (const child of children) child.kill("SIGKILL");
  await database?.close();
  await server?.stop();
  rmSync(dataFolder, { recursive: true, force: true });
});

const start = () => startEmbedded({ dataFolder, clock: systemClock, random: systemRandom, log: silentLog });
const connect = (to: EmbeddedServer) => connectDatabase({ target: to.target, clock: systemClock, log: silentLog });

/** Starts the server in a process of its own; resolves with the postmaster's pid once it runs. */
async function startElsewhere(): Promise<{ child: ChildProcess; postmaster: number }> {
  const program = `
    import { startEmbedded } from ${JSON.stringify(path.join(import.meta.dirname, "index.ts"))};
    import { silentLog, systemClock, systemRandom } from ${JSON.stringify(path.join(import.meta.dirname, "../../kernel/index.ts"))};
    const server = await startEmbedded({ dataFolder: ${JSON.stringify(dataFolder)}, clock: systemClock, random: systemRandom, log: silentLog });
    process.send(server.pid());`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  children.push(child);
  const [postmaster] = (await once(child, "message")) as [number];
  return { child, postmaster };
}

const answers = async (of: Database): Promise<boolean> =>
  of.query("SELECT 1").then(
    () => true,
    () => false,
  );

test("the first start makes the cluster; its password is for the owner alone, and no port is open", async () => {
  server = await start();
  database = connect(server);
  await database.query("CREATE TABLE kept (n int)");
  await database.query("INSERT INTO kept VALUES (1)");
  const [row] = await database.query<{ listen: string; fsync: string }>(
    "SELECT current_setting('listen_addresses') AS listen, current_setting('fsync') AS fsync",
  );
  assert.deepEqual(row, { listen: "", fsync: "on" });
  assert.match(readFileSync(path.join(dataFolder, "postgres.password"), "utf8"), /^[0-9a-f]{48}\n$/);
  assert.deepEqual(embeddedTarget(dataFolder), server.target);
});

test("a second start says which process holds the folder, since when, and what to do", async () => {
  await assert.rejects(start(), (error) => {
    assert.ok(error instanceof Problem && error.code === "data-folder-held");
    assert.match(error.publicMessage, new RegExp(`in use by process ${process.pid}, started \\d{4}-\\d{2}-\\d{2}T`));
    assert.match(error.publicMessage, /Stop that process|folder of its own/);
    return true;
  });
  assert.ok(await answers(database!), "the first one goes on");
});

test("a server that dies is started again, and nothing committed is lost", async () => {
  const pid = server!.pid();
  process.kill(pid, "SIGKILL");
  await eventually(() => server!.pid() !== pid);
  await eventually(() => answers(database!));
  await eventually(() => database!.isUp);
  assert.deepEqual(await database!.query("SELECT n FROM kept"), [{ n: 1 }]);
});

test("a stop ends the server and leaves the folder free", async () => {
  const pid = server!.pid();
  await database!.close();
  await server!.stop();
  server = undefined;
  database = undefined;
  assert.equal(processMark(pid), null);
  assert.equal(holderOf(dataFolder), null);
  assert.equal(embeddedTarget(dataFolder), null);
});

test("a server that outlived a killed process is adopted as it is", async () => {
  const { child, postmaster } = await startElsewhere();
  await assert.rejects(start(), /data-folder-held/);
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.notEqual(processMark(postmaster), null, "the server lives on");

  server = await start();
  assert.equal(server.pid(), postmaster);
  database = connect(server);
  assert.deepEqual(await database.query("SELECT n FROM kept"), [{ n: 1 }]);
  await database.close();
  await server.stop();
  server = undefined;
  database = undefined;
});

test("a holder whose pid now belongs to another process holds nothing", async () => {
  const stale = { pid: process.pid, startedAt: "2020-01-01T00:00:00.000Z", mark: "of a process long gone" };
  writeFileSync(path.join(dataFolder, "holder.json"), JSON.stringify(stale));
  assert.equal(holderOf(dataFolder), null);
  server = await start();
  assert.equal(holderOf(dataFolder)?.mark, processMark(process.pid));
});

test("a holder's file cut short by a power failure holds nothing", async () => {
  await server!.stop();
  writeFileSync(path.join(dataFolder, "holder.json"), '{"pid": 12');
  server = await start();
  await server.stop();
  server = undefined;
  assert.equal(existsSync(path.join(dataFolder, "holder.json")), false);
});

test("a cluster that cannot start says why, and the folder is free again", async () => {
  const version = path.join(dataFolder, "postgres/PG_VERSION");
  const good = readFileSync(version, "utf8");
  writeFileSync(version, "9\n");
  await assert.rejects(start(), (error) => {
    assert.ok(error instanceof Problem && error.code === "embedded-start-failed");
    assert.match(error.publicMessage, /FATAL.*incompatible.*postgres\.log/s);
    return true;
  });
  assert.equal(holderOf(dataFolder), null);
  writeFileSync(version, good);
});
