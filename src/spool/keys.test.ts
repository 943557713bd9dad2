import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { T0, newMessage } from "../../test/support/new-message.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { newNodeId, noFailpoint, systemClock, systemRandom } from "../kernel/index.ts";
import type { KeyAnswer, KeyClaim } from "./keys.ts";
import type { NewMessage } from "./rows.ts";
import { Spool } from "./spool.ts";

const DAY = 86_400_000;
const BODY = Buffer.alloc(32, 1);
const OTHER_BODY = Buffer.alloc(32, 2);

let fresh: FreshDatabase;
let spools: Spool[];
before(async () => {
  fresh = await freshDatabase();
  spools = [1, 2].map(
    () => new Spool({ node: newNodeId(systemClock, systemRandom), database: fresh.database, failpoint: noFailpoint }),
  );
});
after(() => fresh.drop());
afterEach(() => fresh.database.query("TRUNCATE messages, recipients, bodies, queue, idempotency_keys"));

const claimFor = (message: NewMessage, change: Partial<KeyClaim> = {}): KeyClaim => ({
  tenant: "acme",
  key: "order-17",
  bodyHash: BODY,
  spoolId: message.spoolId,
  now: T0,
  expiresAt: T0 + 3 * DAY,
  ...change,
});
async function submit(
  change: Partial<KeyClaim> = {},
  spool = spools[0]!,
): Promise<{ answer: KeyAnswer; message: NewMessage }> {
  const message = newMessage();
  const { key } = await spool.acceptOnce(message, claimFor(message, change));
  return { answer: key, message };
}
const stored = async () =>
  (await fresh.database.query<{ id: string }>("SELECT spool_id AS id FROM messages")).map((row) => row.id);

test("the first of a key is stored, the same again gives the first one's id, another body is told apart", async () => {
  const first = await submit();
  assert.deepEqual(first.answer, { kind: "new" });
  assert.deepEqual((await submit()).answer, { kind: "same", spoolId: first.message.spoolId });
  assert.deepEqual((await submit({ bodyHash: OTHER_BODY })).answer, { kind: "different" });
  assert.deepEqual(await stored(), [first.message.spoolId]);
});

test("a key belongs to its tenant and is compared as it is written", async () => {
  await submit();
  for (const change of [{ tenant: "other" }, { key: "Order-17" }, { key: "order-17 " }])
    assert.equal((await submit(change)).answer.kind, "new", JSON.stringify(change));
});

test("a key whose time is over is new again", async () => {
  await submit();
  assert.equal((await submit({ now: T0 + 3 * DAY - 1 })).answer.kind, "same");
  const again = await submit({ now: T0 + 3 * DAY, expiresAt: T0 + 6 * DAY, bodyHash: OTHER_BODY });
  assert.equal(again.answer.kind, "new");
  assert.deepEqual((await submit({ now: T0 + 4 * DAY, bodyHash: OTHER_BODY })).answer, {
    kind: "same",
    spoolId: again.message.spoolId,
  });
});

test("of many at once, over two nodes, exactly one is stored and all others get its id", async () => {
  const all = await Promise.all(Array.from({ length: 60 }, (_, n) => submit({}, spools[n % 2]!)));
  const winners = all.filter((one) => one.answer.kind === "new");
  assert.equal(winners.length, 1);
  assert.deepEqual(await stored(), [winners[0]!.message.spoolId]);
  for (const one of all) {
    if (one === winners[0]) continue;
    assert.deepEqual(one.answer, { kind: "same", spoolId: winners[0]!.message.spoolId });
  }
});

test("of two bodies racing for a key one wins, and the other one is told", async () => {
  const all = await Promise.all(
    Array.from({ length: 40 }, (_, n) => submit({ bodyHash: n % 4 < 2 ? BODY : OTHER_BODY }, spools[n % 2]!)),
  );
  const kinds = Object.groupBy(all, (one) => one.answer.kind);
  assert.equal(kinds.new?.length, 1);
  assert.equal(kinds.same?.length, 19);
  assert.equal(kinds.different?.length, 20);
  assert.equal((await stored()).length, 1);
});

test("groups with many keys in opposite orders never wait for each other in a circle", async () => {
  const keys = Array.from({ length: 50 }, (_, n) => `key-${n}`);
  const answers = await Promise.all(
    [keys, keys.toReversed(), keys, keys.toReversed()].flatMap((list, n) =>
      list.map((key) => submit({ key }, spools[n % 2]!)),
    ),
  );
  assert.equal(answers.filter((one) => one.answer.kind === "new").length, keys.length);
  assert.equal((await stored()).length, keys.length);
});

test("a message that cannot be stored leaves its key free", async () => {
  const message = newMessage();
  await spools[0]!.accept(message);
  await assert.rejects(spools[0]!.acceptOnce(message, claimFor(message)), /duplicate key/);
  assert.equal((await submit()).answer.kind, "new");
});
