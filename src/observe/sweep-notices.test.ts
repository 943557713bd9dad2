import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { DAY_MS } from "../kernel/index.ts";
import { sweepNotices } from "./sweep-notices.ts";

const NOW = Date.UTC(2022, 7, 8);
let place: FreshDatabase;
before(async () => {
  place = await freshDatabase();
});
after(() => place.drop());

test("notices are forgotten when they could not be believed again, and not before", async () => {
  await place.database.query(
    `INSERT INTO seen_notices (provider, id_hash, seen_at, forget_at)
     VALUES ('breeze', '\\x01', $1, $1), ('breeze', '\\x02', $1, $2)`,
    [new Date(NOW - DAY_MS), new Date(NOW + 1)],
  );
  assert.equal(await sweepNotices(place.database, NOW), 1);
  assert.equal((await place.database.query("SELECT FROM seen_notices")).length, 1);
  assert.equal(await sweepNotices(place.database, NOW), 0);
});

test("of foreign mail the last 30 days are kept, and the newest 200,000", async () => {
  const insert = (from: number, to: number, seenAt: number) =>
    place.database.query(
      `INSERT INTO foreign_notices (foreign_id, provider, type, at, seen_at) OVERRIDING SYSTEM VALUE
       SELECT n, 'breeze', 'sent', $1, $1 FROM generate_series($2::int, $3::int) n`,
      [new Date(seenAt), from, to],
    );
  await insert(1, 5, NOW - 31 * DAY_MS);
  await insert(6, 10, NOW - DAY_MS);
  await sweepNotices(place.database, NOW);
  assert.equal((await place.database.query("SELECT FROM foreign_notices")).length, 5);
  await insert(200_008, 200_008, NOW);
  await sweepNotices(place.database, NOW);
  const left = await place.database.query<{ n: number }>("SELECT foreign_id AS n FROM foreign_notices ORDER BY 1");
  assert.deepEqual(
    left.map((row) => row.n),
    [9, 10, 200_008],
  );
});
