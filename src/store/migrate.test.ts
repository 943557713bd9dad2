import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { Problem, silentLog, systemClock } from "../kernel/index.ts";
import { connectDatabase } from "./connect.ts";
import { migrate, readMigrations } from "./migrate.ts";

const migration = (name: string, sql: string) => ({
  name,
  sql,
  sha256: createHash("sha256").update(sql).digest("hex"),
});
const FIRST = migration("0001_first.sql", "CREATE TABLE first (n int); INSERT INTO first VALUES (1);");
const SECOND = migration("0002_second.sql", "ALTER TABLE first ADD COLUMN m int;");

async function onEmpty(work: (fresh: FreshDatabase) => Promise<void>): Promise<void> {
  const fresh = await freshDatabase({ migrated: false });
  try {
    await work(fresh);
  } finally {
    await fresh.drop();
  }
}
const problemCode = (code: string) => (error: unknown) => error instanceof Problem && error.code === code;
const tables = async ({ database }: FreshDatabase) =>
  (
    await database.query<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1",
    )
  ).map((row) => row.name);

test("new migrations are applied in order, those before are not applied again", () =>
  onEmpty(async ({ database }) => {
    assert.deepEqual(await migrate(database, silentLog, [FIRST]), ["0001_first.sql"]);
    assert.deepEqual(await migrate(database, silentLog, [FIRST, SECOND]), ["0002_second.sql"]);
    assert.deepEqual(await migrate(database, silentLog, [FIRST, SECOND]), []);
    assert.deepEqual(await database.query("SELECT n, m FROM first"), [{ n: 1, m: null }]);
  }));

test("one that fails takes back everything of this start, and the next start does it all", () =>
  onEmpty(async (fresh) => {
    const broken = migration("0002_second.sql", "CREATE TABLE second (n int); SELECT 1/0;");
    await assert.rejects(migrate(fresh.database, silentLog, [FIRST, broken]), /division by zero/);
    assert.deepEqual(await tables(fresh), []);
    assert.equal((await migrate(fresh.database, silentLog, [FIRST, SECOND])).length, 2);
  }));

test("a file that was changed after it was applied is refused by name", () =>
  onEmpty(async ({ database }) => {
    await migrate(database, silentLog, [FIRST]);
    const changed = migration(FIRST.name, `${FIRST.sql} -- better`);
    await assert.rejects(migrate(database, silentLog, [changed, SECOND]), (error) => {
      assert.ok(problemCode("migration-changed")(error));
      assert.match((error as Problem).publicMessage, /migrations\/0001_first\.sql/);
      return true;
    });
    assert.equal((await database.query("SELECT FROM schema_migrations")).length, 1);
  }));

test("a database of a later version is refused by the name of what it has", () =>
  onEmpty(async ({ database }) => {
    await migrate(database, silentLog, [FIRST, SECOND]);
    await assert.rejects(migrate(database, silentLog, [FIRST]), (error) => {
      assert.ok(problemCode("migration-unknown")(error));
      assert.match((error as Problem).publicMessage, /0002_second\.sql/);
      return true;
    });
  }));

test("processes that start together take turns: each migration is applied once", () =>
  onEmpty(async ({ database, target }) => {
    const others = [1, 2, 3].map(() => connectDatabase({ target, clock: systemClock, log: silentLog }));
    const slow = migration(
      "0001_slow.sql",
      "CREATE TABLE slow (n int); SELECT pg_sleep(0.05); INSERT INTO slow VALUES (1);",
    );
    const done = await Promise.all([database, ...others].map((one) => migrate(one, silentLog, [slow])));
    assert.equal(done.flat().length, 1);
    assert.equal((await database.query("SELECT FROM slow")).length, 1);
    await Promise.all(others.map((one) => one.close()));
  }));

test("the project's own migrations are numbered without gaps; the snapshot is none of them", () => {
  const names = readMigrations().map((one) => one.name);
  assert.ok(names.length > 0);
  names.forEach((name, n) => assert.match(name, new RegExp(`^${String(n + 1).padStart(4, "0")}_[a-z0-9_]+\\.sql$`)));
});
