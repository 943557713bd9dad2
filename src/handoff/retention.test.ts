import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { eventually } from "../../test/support/eventually.ts";
import {
  type FakeProvider,
  type MailPath,
  fakeProvider,
  outcome,
  startMailPath,
  submission,
} from "../../test/support/mail-path.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { type ShiftingClock, shiftingClock } from "../../test/support/shifting-clock.ts";
import { DEFAULT_RETENTION } from "../config/index.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, silentLog } from "../kernel/index.ts";
import { type Housekeeping, type MessageStory, startHousekeeping } from "../spool/index.ts";

/** What is kept, from accept to oblivion: the mail path and housekeeping on one database, days in a second. */
describe("what is kept of a message", () => {
  const bodyMs = { ...DEFAULT_RETENTION.bodyMs, C2: HOUR_MS };
  let place: FreshDatabase;
  let clock: ShiftingClock;
  let harbour: FakeProvider;
  let path: MailPath;
  let housekeeping: Housekeeping;

  beforeEach(async () => {
    place = await freshDatabase();
    clock = shiftingClock({ longestWaitMs: 100 });
    harbour = fakeProvider("harbour");
    path = await startMailPath(place.database, [harbour], { clock, bodyMs });
    housekeeping = startHousekeeping({
      database: place.database,
      retention: { ...DEFAULT_RETENTION, bodyMs },
      sweeps: [],
      onCounts: () => {},
      clock,
      log: silentLog,
    });
  });
  afterEach(async () => {
    await housekeeping.stop();
    await path.stop();
    await place.drop();
  });

  async function accepted(change: Parameters<typeof submission>[0]): Promise<MessageStory["spoolId"]> {
    const answer = await path.port.accept(submission(change));
    assert.ok(answer.kind === "accepted");
    return answer.spoolId;
  }
  const ended = (id: MessageStory["spoolId"]) =>
    eventually(async () => (await path.stories.find("acme", id))?.state === "ended");
  const count = async (table: string, id: string) =>
    (await place.database.query<{ n: number }>(`SELECT count(*) AS n FROM ${table} WHERE spool_id = $1`, [id]))[0]!.n;

  test("a secret's text is gone in the commit that ends it, an alert's when retention.body has passed", async () => {
    const [secret, alert] = [await accepted({ stream: "security" }), await accepted({ stream: "alerts" })];
    await Promise.all([ended(secret), ended(alert)]);
    assert.deepEqual([await count("bodies", secret), await count("bodies", alert)], [0, 1]);
    clock.shift(59 * MINUTE_MS);
    const other = await accepted({ stream: "receipts" }); // a sign that time goes on
    await ended(other);
    assert.equal(await count("bodies", alert), 1);
    clock.shift(2 * MINUTE_MS);
    await eventually(async () => (await count("bodies", alert)) === 0);
    assert.notEqual(await path.stories.find("acme", alert), null, "its story stays");
  });

  test("the text of what has not ended is kept for as long as it takes", async () => {
    harbour.answer = () => [outcome("held", "account", "account-suspended")];
    const id = await accepted({ stream: "news" });
    await eventually(async () => (await path.stories.find("acme", id))?.state === "held");
    clock.shift(100 * DAY_MS);
    const other = await accepted({ stream: "news" });
    await eventually(async () => (await path.stories.find("acme", other)) !== null);
    assert.deepEqual([await count("bodies", id), await count("messages", id)], [1, 1]);
  });

  test("after retention.messageRow everything of it is gone but the ledger's leaves", async () => {
    const id = await accepted({ stream: "alerts", to: ["bob@example.net", "eve@example.net"] });
    await ended(id);
    clock.shift(29 * DAY_MS);
    const alive = await accepted({ stream: "alerts" });
    await ended(alive);
    assert.equal(await count("messages", id), 1);
    clock.shift(2 * DAY_MS);
    await eventually(async () => (await count("messages", id)) === 0);
    for (const table of ["recipients", "bodies", "attempts", "message_events", "queue"])
      assert.equal(await count(table, id), 0, table);
    assert.equal(await path.stories.find("acme", id), null);
    assert.equal(await count("messages", alive), 1);
    const [leaves] = await place.database.query<{ n: number }>(
      "SELECT count(*) AS n FROM ledger_leaves WHERE convert_from(leaf, 'UTF8')::json->>'id' = $1",
      [id],
    );
    assert.equal(leaves!.n, 3);
  });

  test("an Idempotency-Key gives the same answer for 72 hours and is new afterwards", async () => {
    const first = await accepted({ key: "k" });
    clock.shift(71 * HOUR_MS);
    assert.equal(await accepted({ key: "k" }), first);
    clock.shift(2 * HOUR_MS);
    await eventually(async () => (await place.database.query("SELECT 1 FROM idempotency_keys")).length === 0);
    assert.notEqual(await accepted({ key: "k" }), first);
  });
});
