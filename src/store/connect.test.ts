import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { databaseProxy } from "../../test/support/database-proxy.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { eventually } from "../../test/support/eventually.ts";
import { Problem, silentLog, systemClock } from "../kernel/index.ts";
import { connectDatabase } from "./connect.ts";
import type { Database } from "./database.ts";
import { isDatabaseAway } from "./problems.ts";

let fresh: FreshDatabase;
before(async () => {
  fresh = await freshDatabase({ migrated: false });
  await fresh.database.query("CREATE TABLE things (n int PRIMARY KEY)");
});
after(() => fresh.drop());

test("instants reach the program as milliseconds, counters as numbers, bytes as bytes", async () => {
  const [row] = await fresh.database.query<Record<string, unknown>>(
    `SELECT '2022-08-08T19:30:00.123456+00'::timestamptz AS instant, '1969-12-31T23:59:59.5Z'::timestamptz AS before, 9007199254740991::int8 AS counter,
       '\\x00ff'::bytea AS bytes, NULL::timestamptz AS none, '{"a": 1}'::jsonb AS json`,
  );
  assert.deepEqual(row, {
    instant: Date.UTC(2022, 7, 8, 19, 30, 0, 123),
    before: -500,
    counter: 9_007_199_254_740_991,
    bytes: Buffer.from([0, 255]),
    none: null,
    json: { a: 1 },
  });
});

test("a transaction is stored when its work ends, and not at all when it throws", async () => {
  const { database } = fresh;
  const answer = await database.transaction(async (tx) => {
    await tx.query("INSERT INTO things VALUES (1)");
    assert.equal((await database.query("SELECT FROM things")).length, 0, "nobody else sees it yet");
    return "done";
  });
  assert.equal(answer, "done");
  await assert.rejects(
    database.transaction(async (tx) => {
      await tx.query("INSERT INTO things VALUES (2)");
      throw new Error("no");
    }),
    /^Error: no$/,
  );
  assert.deepEqual(await database.query("SELECT n FROM things"), [{ n: 1 }]);
});

test("a transaction whose backend is ended fails as an outage, and its connection is not used again", async () => {
  const { database } = fresh;
  await assert.rejects(
    database.transaction(async (tx) => {
      const [row] = await tx.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
      await database.query("SELECT pg_terminate_backend($1, 5000)", [row!.pid]);
      await tx.query("INSERT INTO things VALUES (3)");
    }),
    isDatabaseAway,
  );
  for (let n = 0; n < 10; n += 1) assert.equal((await database.query("SELECT 1")).length, 1);
});

test("an unreachable database is an outage within about a second, and the flag says so", async () => {
  const target = { ...fresh.target, host: "/nonexistent-folder" };
  const away = connectDatabase({ target, clock: systemClock, log: silentLog });
  const startedAt = performance.now();
  await assert.rejects(away.query("SELECT 1"), isDatabaseAway);
  assert.ok(performance.now() - startedAt < 3_000);
  assert.equal(away.isUp, false);
  await assert.rejects(away.openLane("away").execute({ name: "one", text: "SELECT 1" }, []), isDatabaseAway);
  await away.close();
});

test("closing twice over lanes and pool leaves no session behind", async () => {
  const other = connectDatabase({ target: fresh.target, clock: systemClock, log: silentLog });
  const lane = other.openLane("left-behind");
  await Promise.all([other.query("SELECT 1"), lane.execute({ name: "one", text: "SELECT 1" }, [])]);
  await lane.close();
  await other.close();
  const sessions = () =>
    fresh.database.query("SELECT FROM pg_stat_activity WHERE application_name = 'postern left-behind'");
  await eventually(async () => (await sessions()).length === 0);
});

test("a database that answers nothing any more, while its connections stand, is away too", async () => {
  const proxy = await databaseProxy(fresh);
  const behind = connectDatabase({ target: { connectionString: proxy.url }, clock: systemClock, log: silentLog });
  try {
    const probes = () =>
      fresh.database.query(
        "SELECT FROM pg_stat_activity WHERE application_name = 'postern probe' AND datname = current_database()",
      );
    await eventually(async () => (await probes()).length === 2 && behind.isUp); // its own, and that of the test
    proxy.stall();
    await eventually(() => !behind.isUp, 8_000);
    proxy.flow();
    await eventually(() => behind.isUp, 8_000);
  } finally {
    await behind.close();
    proxy.close();
  }
});

/** Looks at the flag all the time, once an outage of a test before is over. */
async function watchFlag(database: Database): Promise<() => boolean> {
  await eventually(() => database.isUp);
  let stayedUp = true;
  const timer = setInterval(() => (stayedUp &&= database.isUp), 5);
  return () => {
    clearInterval(timer);
    return stayedUp;
  };
}

test("connections that are all taken are no outage", async () => {
  const { database } = fresh;
  const stayedUp = await watchFlag(database);
  const answers = await Promise.allSettled(
    Array.from({ length: 14 }, () => database.query("SELECT pg_sleep(1.3)::text")),
  );
  const failed = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason as unknown] : []));
  assert.ok(failed.length > 0 && failed.every(isDatabaseAway), "who waited longer than a second is told so");
  assert.ok(stayedUp());
});

test("questions, however many and slow, keep nobody else waiting, write nothing, and end", async () => {
  const { database } = fresh;
  const stayedUp = await watchFlag(database);
  const slow = Array.from({ length: 12 }, () => database.questions.query("SELECT pg_sleep(30)::text"));
  const ends = Promise.allSettled(slow);
  const startedAt = performance.now();
  await database.query("SELECT 1");
  await database.transaction((tx) => tx.query("SELECT 1"));
  assert.ok(performance.now() - startedAt < 900, "the others' connections are free");
  for (const end of await ends) {
    assert.ok(end.status === "rejected" && end.reason instanceof Problem && end.reason.code === "question-too-slow");
  }
  assert.ok(performance.now() - startedAt < 10_000);
  assert.ok(stayedUp());
  await assert.rejects(database.questions.query("INSERT INTO things VALUES (9)"), /read-only/);
  assert.deepEqual(await database.questions.query("SELECT '2022-08-08T19:30:00Z'::timestamptz AS at"), [
    { at: Date.UTC(2022, 7, 8, 19, 30) },
  ]);
});
