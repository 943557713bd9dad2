import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DAY_MS } from "../kernel/index.ts";
import { eventually } from "../../test/support/eventually.ts";
import { isDelivered, webhookWorlds } from "../../test/support/webhook-world.ts";
import { leaseDeliveries } from "./lease-deliveries.ts";
import { settleDeliveries } from "./settle-deliveries.ts";
import { giveUpForgotten, sweepDeliveries } from "./sweep-deliveries.ts";

const { world } = webhookWorlds();

describe("nodes", () => {
  test("share the work: each event is delivered once", async (context) => {
    const EVENTS = 120;
    const { receiver, start, happens, rowsWhen } = await world(context);
    for (let n = 0; n < EVENTS; n += 1) await happens();
    start();
    start();
    start();
    const rows = await rowsWhen(isDelivered, EVENTS);
    assert.equal(rows.length, EVENTS);
    assert.ok(rows.every((row) => row.tries === 1));
    assert.equal(receiver.received.length, EVENTS);
  });

  test("take over what a killed one had begun, after its lease, as one more try", async (context) => {
    const { database, tenant, clock, receiver, start, waits, happens, rows, rowsWhen } = await world(context);
    const lane = database.openLane("dead-node");
    context.after(() => lane.close());
    const { eventId } = await waits();
    const room = [{ tenant, webhook: "hook", free: 8 }];
    const leased = await leaseDeliveries(lane, room, clock.now(), clock.now() + 60_000);
    assert.equal(leased.length, 1);
    const other = await happens();
    const notifier = start();
    await eventually(async () => (await rows()).some((row) => row.event_id === other.eventId && isDelivered(row)));
    assert.equal(receiver.received.length, 1, "the lease is respected");
    clock.shift(61_000);
    notifier.wake();
    const all = await rowsWhen(isDelivered, 2);
    assert.equal(all.find((row) => row.event_id === eventId)?.tries, 2);
  });

  test("that lost a lease may still say that it was delivered, but not that it failed", async (context) => {
    const { database, tenant, clock, waits, rows } = await world(context);
    const lane = database.openLane("two-nodes");
    context.after(() => lane.close());
    await waits();
    const room = [{ tenant, webhook: "hook", free: 8 }];
    const now = clock.now();
    const [early] = await leaseDeliveries(lane, room, now, now);
    const [late] = await leaseDeliveries(lane, room, now + 1, now + 60_000);
    assert.ok(early && late);
    const failed = { kind: "again", dueAt: now + 9_000_000, error: "answered 500" } as const;
    assert.deepEqual(await settleDeliveries(lane, [{ delivery: early, verdict: failed }], now), [false]);
    assert.equal((await rows())[0]?.last_error, null);
    assert.deepEqual(await settleDeliveries(lane, [{ delivery: early, verdict: { kind: "delivered" } }], now), [true]);
    assert.deepEqual(await settleDeliveries(lane, [{ delivery: late, verdict: failed }], now), [false]);
    assert.equal((await rows())[0]?.state, "delivered");
  });

  test("that stop hand over what they had begun, due at once and without a try lost", async (context) => {
    const { clock, receiver, start, happens, rows } = await world(context, { answer: () => {}, deadlineMs: 60_000 });
    await happens();
    const notifier = start();
    await eventually(() => receiver.received.length === 1);
    clock.hurry();
    await notifier.stop();
    const [row] = await rows();
    assert.equal(row?.state, "waiting");
    assert.equal(row.tries, 0);
    assert.ok(row.due_at <= clock.now());
  });
});

describe("what retention does:", () => {
  test("a delivery whose message is no longer kept is given up, visibly", async (context) => {
    const { database, results, receiver, start, happens, rowsWhen } = await world(context);
    const { spoolId } = await happens();
    await database.query("DELETE FROM messages WHERE spool_id = $1", [spoolId]);
    start();
    const [row] = await rowsWhen((one) => one.state === "gave-up" && results.length === 1);
    assert.equal(row?.last_error, "the event is no longer kept");
    assert.deepEqual(results, ["gave-up"]);
    assert.equal(receiver.received.length, 0);
  });

  test("deliveries that ended 30 days ago are deleted, younger and waiting ones stay", async (context) => {
    const { database, tenant, clock, start, happens, waits, rows, rowsWhen } = await world(context);
    await happens();
    start();
    await rowsWhen(isDelivered);
    await waits(`${tenant}-old`);
    await sweepDeliveries(database, clock.now() + 29 * DAY_MS);
    assert.equal((await rows()).length, 1);
    await sweepDeliveries(database, clock.now() + 31 * DAY_MS);
    assert.equal((await rows()).length, 0);
    assert.equal((await rows(`${tenant}-old`)).length, 1);
  });

  test("deliveries for a webhook that is no longer configured are given up after a week", async (context) => {
    const { database, tenant, clock, waits, rows } = await world(context);
    await waits();
    const told = async (days: number) =>
      (await giveUpForgotten(database, clock.now() + days * DAY_MS)).filter((one) => one.tenant === tenant);
    assert.deepEqual(await told(6), []);
    assert.deepEqual(await told(8), [{ tenant, webhook: "hook", count: 1 }]);
    assert.equal((await rows())[0]?.state, "gave-up");
  });
});
