import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { eventually } from "../../test/support/eventually.ts";
import { T0, newAttempt, newMessage, settlement } from "../../test/support/new-message.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { virtualClock } from "../../test/support/virtual-clock.ts";
import { newNodeId, noFailpoint, silentLog, systemClock, systemRandom } from "../kernel/index.ts";
import type { MessageClass } from "../mail/index.ts";
import { startHousekeeping } from "./housekeeping.ts";
import { Spool } from "./spool.ts";
import { sweepRetention } from "./sweep.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const RULE = { bodyMs: { C0: 0, C1: 10 * MINUTE, C2: 10 * MINUTE, C3: DAY, C4: DAY }, messageRowMs: 30 * DAY };

let fresh: FreshDatabase;
let spool: Spool;
before(async () => {
  fresh = await freshDatabase();
  spool = new Spool({ node: newNodeId(systemClock, systemRandom), database: fresh.database, failpoint: noFailpoint });
});
after(() => fresh.drop());
const TABLES = ["messages", "recipients", "bodies", "attempts", "message_events", "queue", "idempotency_keys"];
afterEach(() => fresh.database.query(`TRUNCATE ${TABLES.join()}`));
const counts = async () =>
  Object.fromEntries(
    await Promise.all(
      TABLES.map(async (table) => [table, (await fresh.database.query(`SELECT FROM ${table}`)).length] as const),
    ),
  );

/** A message that ended at T0 and left its body. */
async function ended(messageClass: MessageClass): Promise<void> {
  const event = { kind: "message.accepted", at: T0, detail: {}, notify: false };
  const message = newMessage({ class: messageClass, leased: true, intent: newAttempt(), events: [event] });
  await spool.accept(message);
  await spool.settle(
    settlement({ spoolId: message.spoolId, fence: 1 }, { at: T0, next: { kind: "end", at: T0, purgeBody: false } }),
  );
}

test("a body is deleted when the time of its class is over, to the millisecond", async () => {
  await ended("C0");
  await ended("C2");
  assert.deepEqual(await sweepRetention(fresh.database, RULE, T0 - 1), {
    bodies: 0,
    messages: 0,
    keys: 0,
    more: false,
  });
  assert.equal((await sweepRetention(fresh.database, RULE, T0)).bodies, 1, "the secret first");
  assert.equal((await sweepRetention(fresh.database, RULE, T0 + 10 * MINUTE - 1)).bodies, 0);
  assert.equal((await sweepRetention(fresh.database, RULE, T0 + 10 * MINUTE)).bodies, 1);
  assert.equal((await counts())["messages"], 2);
});

test("a message is deleted with everything that hangs on it; its leaves stay", async () => {
  await ended("C2");
  const leaves = async () => (await fresh.database.query("SELECT FROM ledger_leaves")).length;
  const kept = await leaves();
  assert.equal((await sweepRetention(fresh.database, RULE, T0 + 30 * DAY - 1)).messages, 0);
  assert.equal((await sweepRetention(fresh.database, RULE, T0 + 30 * DAY)).messages, 1);
  assert.deepEqual(await counts(), Object.fromEntries(TABLES.map((table) => [table, 0])));
  assert.equal(await leaves(), kept);
});

test("what has not ended is kept for as long as it takes", async () => {
  await spool.accept(newMessage({ class: "C0" }));
  await sweepRetention(fresh.database, RULE, T0 + 3_650 * DAY);
  const left = await counts();
  assert.deepEqual([left["messages"], left["recipients"], left["bodies"], left["queue"]], [1, 1, 1, 1]);
});

test("an idempotency key is deleted when its time is over", async () => {
  await fresh.database.query(
    "INSERT INTO idempotency_keys (tenant, key, body_hash, spool_id, expires_at) VALUES ('acme', 'k', '\\x00', gen_random_uuid(), $1)",
    [new Date(T0)],
  );
  assert.equal((await sweepRetention(fresh.database, RULE, T0 - 1)).keys, 0);
  assert.equal((await sweepRetention(fresh.database, RULE, T0)).keys, 1);
});

test("housekeeping sweeps on until nothing is left to sweep, one batch a transaction, and counts the queue", async () => {
  const many = 2_500;
  await fresh.database.query(
    `INSERT INTO messages (spool_id, tenant, stream, class, credential, door, return_path, author, header_message_id, size_bytes, body_mac,
       needs_smtputf8, needs_8bit, accepted_at, ended_at)
     SELECT gen_random_uuid(), 'acme', 's', 2, 'c', 'smtp', '', '', '', 1, '\\x00', false, false, $1, $1 FROM generate_series(1, ${many})`,
    [new Date(T0)],
  );
  await fresh.database.query(
    `INSERT INTO idempotency_keys SELECT 'acme', n::text, '\\x00', gen_random_uuid(), $1 FROM generate_series(1, ${many}) AS n`,
    [new Date(T0)],
  );
  await spool.accept(newMessage());
  const clock = virtualClock(T0 + 31 * DAY);
  const others: number[] = [];
  const housekeeping = startHousekeeping({
    database: fresh.database,
    retention: RULE,
    sweeps: [async (_database, now) => others.push(now)],
    onCounts: () => {},
    clock,
    log: silentLog,
  });
  await clock.advance(30_000);
  await eventually(async () => {
    const left = await counts();
    return left["messages"] === 1 && left["idempotency_keys"] === 0;
  });
  await eventually(() => housekeeping.queueRows() === 1);
  await housekeeping.stop();
  assert.ok(others.length > 0);
});

test("of two nodes one sweeps at a time", async () => {
  await ended("C0");
  const clock = virtualClock(T0 + DAY);
  let swept = 0;
  const bodies = await fresh.database.transaction(async (tx) => {
    await tx.query("SELECT pg_advisory_xact_lock(8082022)");
    const housekeeping = startHousekeeping({
      database: fresh.database,
      retention: RULE,
      sweeps: [async () => (swept += 1)],
      onCounts: () => {},
      clock,
      log: silentLog,
    });
    await clock.advance(30_000);
    await housekeeping.stop();
    return (await counts())["bodies"];
  });
  assert.equal(bodies, 1, "nothing was swept beside the holder of the lock");
  assert.equal(swept, 0);
});
