import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { suppressionList } from "./suppressions.ts";

let fresh: FreshDatabase;
before(async () => {
  fresh = await freshDatabase();
});
after(() => fresh.drop());

test("an address is on its tenant's list once, whatever its case, with its first reason", async () => {
  const suppressions = suppressionList(fresh.database);
  await suppressions.add("acme", "Jane@Example.com", "bounced");
  await suppressions.add("acme", "jane@example.com", "complained");
  await suppressions.add("other", "bob@example.com", "bounced");
  const list = await suppressions.list("acme", 100, null);
  assert.deepEqual(
    list.map(({ address, reason }) => [address, reason]),
    [["jane@example.com", "bounced"]],
  );
  assert.equal(typeof list[0]!.createdAt, "number");
});

test("an address can be taken off, by its tenant only", async () => {
  const suppressions = suppressionList(fresh.database);
  await suppressions.add("acme", "kim@example.com", "bounced");
  assert.equal(await suppressions.remove("other", "kim@example.com"), false);
  assert.equal(await suppressions.remove("acme", "KIM@example.com"), true);
  assert.equal(await suppressions.remove("acme", "kim@example.com"), false);
});
