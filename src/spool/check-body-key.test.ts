import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, afterEach, before, test } from "node:test";
import { spoolId } from "../../test/support/new-message.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { Problem, systemRandom } from "../kernel/index.ts";
import { Sealer, checkBodyKey } from "./seal.ts";

let fresh: FreshDatabase;
before(async () => {
  fresh = await freshDatabase();
});
after(() => fresh.drop());
afterEach(() => fresh.database.query("DELETE FROM bodies"));

const sealer = new Sealer(randomBytes(32), systemRandom);
async function store(count: number, by: Sealer): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const id = spoolId();
    const { salt, sealed } = by.seal(id, Buffer.from("text"));
    await fresh.database.query("INSERT INTO bodies (spool_id, salt, sealed) VALUES ($1, $2, $3)", [id, salt, sealed]);
  }
}
const other = () => new Sealer(randomBytes(32), systemRandom);

test("with nothing stored any key will do", () => checkBodyKey(fresh.database, sealer));

test("one message that does not open is no other key", async () => {
  await store(1, other());
  await store(1, sealer);
  await checkBodyKey(fresh.database, sealer);
});

test("a key that opens none of what is stored is refused", async () => {
  await store(3, other());
  await assert.rejects(
    checkBodyKey(fresh.database, sealer),
    (error) => error instanceof Problem && error.code === "body-unreadable",
  );
});
