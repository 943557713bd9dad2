import assert from "node:assert/strict";
import { test } from "node:test";
import { databaseGoesAway } from "./database-goes-away.ts";

test("the database is gone for ten minutes: nothing is lost or doubled, and all is out within two minutes", async (t) => {
  const result = await databaseGoesAway(600_000);
  t.diagnostic(JSON.stringify(result));
  assert.equal(result.lost, 0);
  assert.equal(result.duplicates, 0);
  assert.ok(result.refused > 0, "the outage was not noticed");
});
