import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { eventually } from "../../test/support/eventually.ts";
import { silentLog, systemClock } from "../kernel/index.ts";
import { connectDatabase } from "./connect.ts";
import type { Lane } from "./database.ts";
import { isDatabaseAway } from "./problems.ts";

let fresh: FreshDatabase;
before(async () => {
  fresh = await freshDatabase({ migrated: false });
  await fresh.database.query("CREATE TABLE things (n int PRIMARY KEY)");
});
after(() => fresh.drop());

const statement = (name: string, text: string) => ({ name, text });
const PID = statement("pid", "SELECT pg_backend_pid()");
const SLEEP = statement("sleep", "SELECT pg_sleep(30)");
const INSERT = statement("insert", "INSERT INTO things VALUES ($1)");
const COUNT = statement("count", "SELECT count(*) FROM things WHERE n BETWEEN $1 AND $2");

const pidOf = async (lane: Lane): Promise<number> => (await lane.execute(PID, []))[0]![0] as number;
const terminate = (pid: number) => fresh.database.query("SELECT pg_terminate_backend($1, 5000)", [pid]);
const countOf = async (from: number, to: number) => (await lane("count").execute(COUNT, [from, to]))[0]![0];
const lane = (name: string): Lane => fresh.database.openLane(name);
const isBusy = async (pid: number) =>
  (await fresh.database.query("SELECT FROM pg_stat_activity WHERE pid = $1 AND state = 'active'", [pid])).length === 1;

test("a lane keeps its one connection, set for statements over arrays", async () => {
  const one = lane("one");
  assert.equal(await pidOf(one), await pidOf(one));
  const show = async (setting: string) =>
    (await one.execute(statement(`show ${setting}`, `SHOW ${setting}`), []))[0]![0];
  for (const [setting, value] of [
    ["synchronous_commit", "on"],
    ["enable_seqscan", "off"],
    ["enable_hashjoin", "off"],
    ["plan_cache_mode", "force_generic_plan"],
    ["TimeZone", "UTC"],
  ] as const)
    assert.equal(await show(setting), value, setting);
});

test("when its backend is ended, the call on its way fails as an outage and the next one works", async () => {
  const one = lane("ended");
  const pid = await pidOf(one);
  const sleeping = assert.rejects(one.execute(SLEEP, []), isDatabaseAway);
  await eventually(() => isBusy(pid));
  await terminate(pid);
  await sleeping;
  const next = await pidOf(one);
  assert.notEqual(next, pid);
  assert.equal((await one.execute(statement("show seqscan", "SHOW enable_seqscan"), []))[0]![0], "off");
  await eventually(() => fresh.database.isUp);
});

test("when its backend is ended while idle, no later call but at most one fails", async () => {
  const one = lane("idle");
  const pid = await pidOf(one);
  await terminate(pid);
  const results = await Promise.allSettled([pidOf(one), pidOf(one), pidOf(one)]);
  const failed = results.filter((result) => result.status === "rejected");
  assert.ok(failed.length <= 1);
  assert.ok(failed.every((result) => isDatabaseAway(result.reason)));
});

test("a fault of a statement leaves the connection as it is", async () => {
  const one = lane("faulty");
  const pid = await pidOf(one);
  await one.execute(INSERT, [1]);
  await assert.rejects(one.execute(INSERT, [1]), /duplicate key/);
  assert.equal(await pidOf(one), pid);
});

test("a transaction is whole or nothing, and nobody else's statement comes between", async () => {
  const one = lane("whole");
  const failing = one.transaction(async (execute) => {
    await execute(INSERT, [11]);
    throw new Error("changed my mind");
  });
  const between = one.execute(INSERT, [12]);
  await assert.rejects(failing, /changed my mind/);
  await between;
  assert.equal(await countOf(11, 11), 0);
  assert.equal(await countOf(12, 12), 1);
  assert.equal(
    await one.transaction(async (execute) => {
      await execute(INSERT, [13]);
      await execute(INSERT, [14]);
      return "stored";
    }),
    "stored",
  );
  assert.equal(await countOf(13, 14), 2);
});

test("a transaction whose backend is ended stores nothing, and the lane goes on", async () => {
  const one = lane("cut");
  const cut = one.transaction(async (execute) => {
    await execute(INSERT, [21]);
    await terminate((await execute(PID, []))[0]![0] as number);
    await execute(INSERT, [22]);
  });
  await assert.rejects(cut, isDatabaseAway);
  await one.execute(INSERT, [23]);
  assert.equal(await countOf(21, 22), 0);
  assert.equal(await countOf(23, 23), 1);
});

test("a lane opened while its database does not exist works as soon as it does", async () => {
  const target = { ...fresh.target, database: `${fresh.target.database}_late` };
  const late = connectDatabase({ target, clock: systemClock, log: silentLog });
  const one = late.openLane("late");
  await assert.rejects(pidOf(one), /does not exist/);
  await fresh.database.query(`CREATE DATABASE ${target.database}`);
  assert.ok((await pidOf(one)) > 0);
  await late.close();
  await fresh.database.query(`DROP DATABASE ${target.database} WITH (FORCE)`);
});

test("a closed lane refuses as an outage", async () => {
  const one = lane("closed");
  await pidOf(one);
  await one.close();
  await assert.rejects(pidOf(one), isDatabaseAway);
});
