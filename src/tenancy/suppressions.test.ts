import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { suppress, suppressionsOf, unsuppress } from "./suppressions.ts";

let fresh: FreshDatabase;
before(async () => {
  fresh = await freshDatabase();
});
after(() => fresh.drop());

test("an address is on its tenant's list once, whatever its case, with its first reason", async () => {
  const { database } = fresh;
  await suppress(database, "acme", "Jane@Example.com", "bounced");
  await suppress(database, "acme", "jane@example.com", "complained");
  await suppress(database, "other", "bob@example.com", "bounced");
  const list = await suppressionsOf(database, "acme");
  assert.deepEqual(
    list.map(({ address, reason }) => [address, reason]),
    [["jane@example.com", "bounced"]],
  );
  assert.equal(typeof list[0]!.createdAt, "number");
});

test("an address can be taken off, by its tenant only", async () => {
  const { database } = fresh;
  await suppress(database, "acme", "kim@example.com", "bounced");
  assert.equal(await unsuppress(database, "other", "kim@example.com"), false);
  assert.equal(await unsuppress(database, "acme", "KIM@example.com"), true);
  assert.equal(await unsuppress(database, "acme", "kim@example.com"), false);
});
