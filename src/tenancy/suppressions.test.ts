import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { systemClock } from "../kernel/index.ts";
import { REMOVE_AT_ONCE, type SuppressionFilter, suppressionList } from "./suppressions.ts";

let fresh: FreshDatabase;
before(async () => {
  fresh = await freshDatabase();
});
after(() => fresh.drop());

test("an address is on its tenant's list once, whatever its case, with its first reason", async () => {
  const suppressions = suppressionList(fresh.database, { most: 100, clock: systemClock });
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
  const suppressions = suppressionList(fresh.database, { most: 100, clock: systemClock });
  await suppressions.add("acme", "kim@example.com", "bounced");
  assert.equal(await suppressions.remove("other", "kim@example.com"), false);
  assert.equal(await suppressions.remove("acme", "KIM@example.com"), true);
  assert.equal(await suppressions.remove("acme", "kim@example.com"), false);
});

test("a list is narrowed by kind, address, prefix and time, and many are taken off at once", async () => {
  const suppressions = suppressionList(fresh.database, { most: 100, clock: systemClock });
  await suppressions.add("many", "Ann@example.com", "550 no such user", "bounced");
  await suppressions.add("many", "bob@example.com", "complained");
  await suppressions.add("many", "bo_b@example.com", "complained about us");
  await suppressions.add("many", "cleo@example.net", "clicked the link", "unsubscribed");
  const list = async (filter: SuppressionFilter) =>
    (await suppressions.list("many", 10, null, filter)).map(({ address, kind }) => `${address.split("@")[0]} ${kind}`);
  const all = ["ann bounced", "bob complained", "bo_b manual", "cleo unsubscribed"].toSorted();
  assert.deepEqual((await list({})).toSorted(), all);
  const backwards = await suppressions.list("many", 2, "bo_b@example.com", { backwards: true });
  const inOrder = await suppressions.list("many", 10, null);
  assert.deepEqual(
    backwards.map(({ address }) => address),
    inOrder
      .map(({ address }) => address)
      .slice(
        0,
        inOrder.findIndex(({ address }) => address === "bo_b@example.com"),
      )
      .toReversed()
      .slice(0, 2),
  );
  assert.deepEqual(await list({ kinds: ["bounced"] }), ["ann bounced"]);
  assert.deepEqual(await list({ kinds: ["manual", "unsubscribed"] }), ["bo_b manual", "cleo unsubscribed"]);
  assert.deepEqual(await list({ addresses: ["BOB@example.com", "nobody@example.com"] }), ["bob complained"]);
  assert.deepEqual(await list({ prefix: "BO_" }), ["bo_b manual"]);
  assert.deepEqual(await list({ addedAfter: systemClock.now() + 60_000 }), []);
  assert.equal((await list({ addedAfter: 0, addedBefore: systemClock.now() + 60_000 })).length, 4);
  assert.equal(await suppressions.removeMany("other", { kinds: ["bounced"] }), 1, "its own");
  assert.equal(await suppressions.removeMany("many", { kinds: ["bounced"] }), 1);
  assert.equal(await suppressions.removeMany("many", {}), 3);
  assert.ok(REMOVE_AT_ONCE > 3);
});

test("a list does not grow beyond its bound, and has room again when something is taken off", async () => {
  const suppressions = suppressionList(fresh.database, { most: 2, clock: systemClock });
  assert.equal(await suppressions.add("small", "a@example.com", "x"), "done");
  assert.equal(await suppressions.add("small", "A@example.com", "x"), "done", "the same one is not one more");
  assert.equal(await suppressions.add("small", "b@example.com", "x"), "done");
  assert.equal(await suppressions.add("small", "c@example.com", "x"), "full");
  assert.equal(await suppressions.add("large", "c@example.com", "x"), "done", "others have lists of their own");
  assert.equal(await suppressions.remove("small", "a@example.com"), true);
  assert.equal(await suppressions.add("small", "c@example.com", "x"), "done");
});
