import assert from "node:assert/strict";
import { test } from "node:test";
import { commandLine } from "../../test/support/command-line.ts";
import { freshDatabase } from "../../test/support/postgres.ts";

test("migrate says what it applied, the second time that there was nothing to do, and once more as JSON", async (t) => {
  const empty = await freshDatabase({ migrated: false });
  const line = commandLine({ POSTERN_DATABASE_URL: empty.url });
  t.after(async () => {
    line.close();
    await empty.drop();
  });
  const first = await line.run(["migrate"]);
  assert.deepEqual([first.code, first.err], [0, ""]);
  assert.match(first.out, /^Applied:\n {2}0001_message_path\.sql\n(?: {2}\d{4}_\w+\.sql\n)+$/);
  assert.match((await line.run(["migrate"])).out, /^Nothing to do: \d+ migrations applied before\.\n$/);
  assert.deepEqual((JSON.parse((await line.run(["migrate", "--json"])).out) as { applied: string[] }).applied, []);
  await empty.database.query("UPDATE schema_migrations SET sha256 = 'other' WHERE name LIKE '0001%'");
  const changed = await line.run(["migrate"]);
  assert.equal(changed.code, 1);
  assert.match(changed.err, /^migration-changed\n/);
});
