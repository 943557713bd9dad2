import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { systemClock } from "../kernel/index.ts";
import { importSuppressions, type ImportedSuppression } from "./import-suppressions.ts";
import { suppressionList } from "./suppressions.ts";

let fresh: FreshDatabase;
before(async () => {
  fresh = await freshDatabase();
});
after(() => fresh.drop());

const AT = Date.UTC(2024, 1, 3);
const entry = (address: string, kind: ImportedSuppression["kind"] = "bounced"): ImportedSuppression => ({
  address,
  kind,
  reason: "at harbour",
  createdAt: AT,
});

test("addresses come with kind and time, once, and those on the list keep their reason", async () => {
  const list = suppressionList(fresh.database, { most: 100, clock: systemClock });
  await list.add("acme", "known@example.com", "asked by telephone");
  const entries = [
    entry("Known@example.com"),
    entry("a@example.com"),
    entry("A@example.com", "complained"),
    entry("b@example.com", "manual"),
    entry("no address"),
  ];
  const counts = await importSuppressions(fresh.database, "acme", entries, 100);
  assert.deepEqual(counts, { added: 2, known: 2, full: 0, unusable: 1 });
  const found = await list.list("acme", 10, null);
  assert.deepEqual(
    found.map(({ address, kind, reason }) => [address, kind, reason]),
    [
      ["a@example.com", "bounced", "bounced: at harbour"],
      ["b@example.com", "manual", "at harbour"],
      ["known@example.com", "manual", "asked by telephone"],
    ],
  );
  assert.equal(found[0]!.createdAt, AT);
  const again = await importSuppressions(fresh.database, "acme", entries, 100);
  assert.deepEqual(again, { added: 0, known: 4, full: 0, unusable: 1 });
  assert.deepEqual(await list.list("other", 10, null), []);
});

test("the bound holds, counts what had no place, and what is known needs none", async () => {
  const entries = ["a", "b", "c", "d"].map((name) => entry(`${name}@example.com`));
  assert.deepEqual(await importSuppressions(fresh.database, "small", entries, 3), {
    added: 3,
    known: 0,
    full: 1,
    unusable: 0,
  });
  assert.deepEqual(await importSuppressions(fresh.database, "small", entries, 3), {
    added: 0,
    known: 3,
    full: 1,
    unusable: 0,
  });
  assert.deepEqual(await importSuppressions(fresh.database, "small", [], 3), {
    added: 0,
    known: 0,
    full: 0,
    unusable: 0,
  });
});
