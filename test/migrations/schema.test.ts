import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { silentLog } from "../../src/kernel/index.ts";
import { MIGRATIONS_FOLDER, migrate, readMigrations } from "../../src/store/index.ts";
import { type FreshDatabase, freshDatabase } from "../support/postgres.ts";
import { schemaText } from "../support/schema-text.ts";

const snapshot = readFileSync(path.join(MIGRATIONS_FOLDER, "schema.sql"), "utf8");
const withoutHead = (text: string) => text.slice(text.indexOf("CREATE"));

let replayed: FreshDatabase;
before(async () => {
  replayed = await freshDatabase({ migrated: false });
  await migrate(replayed.database, silentLog);
});
after(() => replayed.drop());

test("replaying the migrations on an empty database gives schema.sql (node scripts/schema.ts --write makes it anew)", async () => {
  assert.equal(await schemaText(replayed.database), withoutHead(snapshot));
});

test("schema.sql is SQL that makes the same schema", async () => {
  const { database, drop } = await freshDatabase({ migrated: false });
  try {
    await database.query(snapshot);
    assert.equal(await schemaText(database), withoutHead(snapshot));
  } finally {
    await drop();
  }
});

test("a second start applies nothing", async () => {
  assert.deepEqual(await migrate(replayed.database, silentLog), []);
});

test("each migration is harmless when it runs twice, with rows in the tables", async () => {
  const { database, drop } = await freshDatabase();
  try {
    await database.query(
      "INSERT INTO suppressions (tenant, address, reason) VALUES ('acme', 'a@b.example', 'bounced')",
    );
    await database.query("INSERT INTO ledger_leaves (at, leaf) VALUES (now(), '\\x00')");
    for (const migration of readMigrations()) await database.query(migration.sql);
    assert.equal(await schemaText(database), withoutHead(snapshot));
    assert.equal((await database.query("SELECT FROM suppressions")).length, 1);
    assert.equal((await database.query("SELECT FROM ledger_leaves")).length, 1);
  } finally {
    await drop();
  }
});

test("the comparison sees a changed column, index and trigger", async () => {
  const { database, drop } = await freshDatabase();
  try {
    let last = await schemaText(database);
    for (const change of [
      "ALTER TABLE queue ALTER COLUMN due_at DROP NOT NULL",
      "ALTER TABLE queue ADD COLUMN note text",
      "DROP INDEX queue_due",
      "DROP TRIGGER ledger_leaves_append_only ON ledger_leaves",
      "ALTER TABLE queue SET (fillfactor = 71)",
      "ALTER TABLE bodies ALTER COLUMN sealed SET STORAGE EXTENDED",
    ]) {
      await database.query(change);
      const next = await schemaText(database);
      assert.notEqual(next, last, change);
      last = next;
    }
  } finally {
    await drop();
  }
});
