import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { systemClock } from "../kernel/index.ts";
import { suppressionExceptions } from "./suppression-exceptions.ts";
import { suppressionList } from "./suppressions.ts";

let fresh: FreshDatabase;
before(async () => {
  fresh = await freshDatabase();
});
after(() => fresh.drop());

test("an exception takes its address off the suppression list, of its tenant alone, and is there once", async () => {
  const exceptions = suppressionExceptions(fresh.database);
  const suppressions = suppressionList(fresh.database, { most: 100, clock: systemClock });
  await suppressions.add("acme", "jane@example.com", "bounced");
  await suppressions.add("other", "jane@example.com", "bounced");
  assert.equal(await exceptions.add("acme", "Jane@Example.com", "a colleague"), "done");
  assert.equal(await exceptions.add("acme", "jane@example.com", "our colleague"), "done");
  assert.deepEqual(await suppressions.list("acme", 10, null), []);
  assert.equal((await suppressions.list("other", 10, null)).length, 1);
  assert.deepEqual(
    (await exceptions.list("acme", 10, null)).map(({ address, comment }) => [address, comment]),
    [["jane@example.com", "our colleague"]],
  );
  assert.deepEqual(await exceptions.list("acme", 10, null, "JA_E"), []);
  assert.equal((await exceptions.list("acme", 10, null, "JAN")).length, 1);
  assert.equal(await exceptions.has("acme", "JANE@example.com"), true);
  assert.equal(await exceptions.has("other", "jane@example.com"), false);
  assert.equal(await exceptions.remove("other", "jane@example.com"), false);
  assert.equal(await exceptions.remove("acme", "jane@example.com"), true);
  assert.deepEqual(await exceptions.list("acme", 10, null), []);
});
