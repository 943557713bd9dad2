import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog, systemClock } from "../../src/kernel/index.ts";
import { connectDatabase } from "../../src/store/index.ts";
import { freshDatabase } from "./postgres.ts";

test("each database is migrated and nobody else's", async () => {
  const [one, other] = await Promise.all([freshDatabase(), freshDatabase()]);
  try {
    const insert = "INSERT INTO suppressions (tenant, address, reason) VALUES ('acme', 'a@b.example', 'bounced')";
    await one.database.query(insert);
    assert.equal((await one.database.query("SELECT 1 FROM suppressions")).length, 1);
    assert.equal((await other.database.query("SELECT 1 FROM suppressions")).length, 0);
  } finally {
    await Promise.all([one.drop(), other.drop()]);
  }
});

test("its address reaches it from elsewhere, and nothing does once it is dropped", async () => {
  const fresh = await freshDatabase({ migrated: false });
  const elsewhere = connectDatabase({
    target: { connectionString: fresh.url },
    clock: systemClock,
    log: silentLog,
  });
  const [row] = await elsewhere.query<{ name: string }>("SELECT current_database() AS name");
  assert.equal(row!.name, fresh.target.database);
  await elsewhere.close();
  await fresh.drop();
  const gone = connectDatabase({ target: fresh.target, clock: systemClock, log: silentLog });
  await assert.rejects(gone.query("SELECT 1"), /does not exist/);
  await gone.close();
});
