import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { T0, newAttempt, newMessage, settlement, spoolId } from "../../test/support/new-message.ts";
import { newNodeId, systemClock, systemRandom } from "../kernel/index.ts";
import { heartbeat, takeOver } from "./nodes.ts";
import type { NewMessage } from "./rows.ts";
import { node, fresh, spool, other, rows, count, queueRow, leaves } from "./spool-for-tests.ts";

/** A node that lives, and takes over. */
const asker = newNodeId(systemClock, systemRandom);

describe("settle", () => {
  const intended = async (change: Parameters<typeof newMessage>[0] = {}) => {
    const message = newMessage({ leased: true, intent: newAttempt(), ...change });
    await spool.accept(message);
    return { spoolId: message.spoolId, fence: 1 };
  };

  test("an end takes the message from the queue and its body away in one commit, and writes the answer", async () => {
    const lease = await intended();
    const leavesBefore = (await leaves()).length;
    const event = { kind: "message.handed-off", at: T0 + 2, detail: { provider: "harbour" }, notify: true };
    assert.equal(await spool.settle(settlement(lease, { events: [event] })), true);
    assert.equal(await count("queue"), 0);
    assert.equal(await spool.body(lease.spoolId), null);
    assert.deepEqual(await rows("SELECT state FROM recipients"), [{ state: "handed-off" }]);
    assert.deepEqual(await rows("SELECT ended_at FROM messages"), [{ ended_at: T0 + 2 }]);
    assert.deepEqual(await rows("SELECT outcome, reply_code, provider_message_id, settled_at FROM attempts"), [
      { outcome: "accepted", reply_code: 250, provider_message_id: "p-1", settled_at: T0 + 2 },
    ]);
    assert.deepEqual(await rows("SELECT kind, tenant, notify FROM message_events"), [
      { kind: "message.handed-off", tenant: "acme", notify: true },
    ]);
    assert.deepEqual((await leaves()).slice(leavesBefore), ["outcome"]);
  });

  test("an end may leave the body for its retention", async () => {
    const lease = await intended();
    await spool.settle(settlement(lease, { next: { kind: "end", at: T0 + 2, purgeBody: false } }));
    assert.notEqual(await spool.body(lease.spoolId), null);
  });

  test("a kept lease stays ours for the next attempt", async () => {
    const lease = await intended();
    assert.equal(await spool.settle(settlement(lease, { recipients: [], next: { kind: "keep" } })), true);
    assert.deepEqual((await queueRow(lease.spoolId))!["lease_node"], node);
    assert.equal(await spool.intend({ lease, attempt: newAttempt({ n: 2, provider: "lantern" }) }), true);
  });

  test("under a lost lease nothing of the message changes, yet what the provider answered is written", async () => {
    const lease = await intended();
    await takeOver(fresh.database, asker); // this node never showed that it lives
    assert.equal((await queueRow(lease.spoolId))!["state"], "queued");
    const event = { kind: "message.handed-off", at: T0, detail: {}, notify: true };
    const leavesBefore = (await leaves()).length;
    assert.equal(await spool.settle(settlement(lease, { events: [event] })), false);
    assert.equal((await queueRow(lease.spoolId))!["state"], "queued");
    assert.deepEqual(await rows("SELECT state FROM recipients"), [{ state: "pending" }]);
    assert.deepEqual(await rows("SELECT ended_at FROM messages"), [{ ended_at: null }]);
    assert.notEqual(await spool.body(lease.spoolId), null);
    assert.equal(await count("message_events"), 0);
    assert.deepEqual(await rows("SELECT outcome FROM attempts"), [{ outcome: "accepted" }]);
    assert.deepEqual((await leaves()).slice(leavesBefore), ["outcome"]);
  });

  test("a step without an attempt under a lost lease leaves no trace at all", async () => {
    const lease = await intended();
    await takeOver(fresh.database, asker);
    const leavesBefore = (await leaves()).length;
    assert.equal(await spool.settle(settlement(lease, { attempt: null })), false);
    assert.equal((await leaves()).length, leavesBefore);
  });

  test("an answer once written is never written over", async () => {
    const lease = await intended();
    await spool.settle(settlement(lease, { recipients: [], next: { kind: "keep" } }));
    const late = settlement(lease);
    await spool.settle({ ...late, attempt: { ...late.attempt!, outcome: "rejected", providerMessageId: "p-2" } });
    assert.deepEqual(await rows("SELECT outcome, provider_message_id FROM attempts"), [
      { outcome: "accepted", provider_message_id: "p-1" },
    ]);
  });

  test("in one group each message has its own end", async () => {
    const leases = [await intended(), await intended(), await intended(), await intended()];
    await fresh.database.query("UPDATE queue SET fence = 9 WHERE spool_id = $1", [leases[3]!.spoolId]);
    const answers = await Promise.all([
      spool.settle(settlement(leases[0]!)),
      spool.settle(settlement(leases[1]!, { recipients: [], next: { kind: "queue", dueAt: T0 + 5 } })),
      spool.settle(settlement(leases[2]!, { recipients: [], next: { kind: "hold", reason: "y", dueAt: T0 + 6 } })),
      spool.settle(settlement(leases[3]!)),
    ]);
    assert.deepEqual(answers, [true, true, true, false]);
    const states = await Promise.all(leases.map(async ({ spoolId: id }) => (await queueRow(id))?.["state"]));
    assert.deepEqual(states, [undefined, "queued", "held", "leased"]);
  });

  test("an answer that comes late takes the place of 'interrupted', which another node wrote meanwhile", async () => {
    const lease = await intended();
    await takeOver(fresh.database, asker);
    const [taken] = await other.lease(systemClock.now() + 60_000, 1);
    const { attempt } = settlement(lease);
    await other.settle(
      settlement(taken!, {
        attempt: { ...attempt!, outcome: "indeterminate", cause: "interrupted", providerMessageId: null },
        recipients: [],
        next: { kind: "queue", dueAt: T0 },
      }),
    );
    assert.equal(await spool.settle(settlement(lease)), false);
    assert.deepEqual(await rows("SELECT outcome, provider_message_id FROM attempts"), [
      { outcome: "accepted", provider_message_id: "p-1" },
    ]);
  });

  test("under a lost lease no earlier attempt is closed either", async () => {
    const lease = await intended();
    await takeOver(fresh.database, asker);
    await spool.settle(settlement(lease, { attempt: null, resolution: { n: 1, resolved: "not-taken" } }));
    assert.deepEqual(await rows("SELECT resolved FROM attempts"), [{ resolved: null }]);
  });

  test("an indeterminate attempt that found its end is closed by it", async () => {
    const lease = await intended();
    await spool.settle(settlement(lease, { resolution: { n: 1, resolved: "taken" } }));
    assert.deepEqual(await rows("SELECT resolved FROM attempts"), [{ resolved: "taken" }]);
  });
});

describe("fencing", () => {
  test("a node that was taken over can neither intend nor settle; the new holder can", async () => {
    await spool.accept(newMessage());
    const [old] = await other.lease(T0, 1);
    await heartbeat(fresh.database.openLane("heartbeat"), node, "live");
    assert.equal(await takeOver(fresh.database, asker), 1);
    const [mine] = await spool.lease(systemClock.now() + 60_000, 1);
    assert.equal(mine!.spoolId, old!.spoolId);
    assert.ok(mine!.fence > old!.fence);
    assert.equal(await other.intend({ lease: old!, attempt: newAttempt() }), false);
    assert.equal(await other.settle(settlement(old!, { attempt: null })), false);
    assert.equal(await spool.intend({ lease: mine!, attempt: newAttempt() }), true);
    assert.equal(await spool.settle(settlement(mine!)), true);
  });

  test("a settle that meets its takeover has one outcome: either it ended, or it waits for the next", async () => {
    for (let round = 0; round < 20; round += 1) {
      const message = newMessage({ leased: true, intent: newAttempt() });
      await spool.accept(message);
      const [won] = await Promise.all([
        spool.settle(settlement({ spoolId: message.spoolId, fence: 1 })),
        takeOver(fresh.database, asker),
      ]);
      const state = (await queueRow(message.spoolId))?.["state"];
      assert.equal(state, won ? undefined : "queued");
      const [recipient] = await rows("SELECT state FROM recipients WHERE spool_id = $1", message.spoolId);
      assert.deepEqual(recipient, { state: won ? "handed-off" : "pending" });
    }
  });

  test("a node finds every lease it has, and gives back those it names with their fences", async () => {
    const [lost, foreign, moved] = [1, 2, 3].map(() => newMessage({ leased: true })) as [
      NewMessage,
      NewMessage,
      NewMessage,
    ];
    await Promise.all([spool.accept(lost), spool.accept(moved), other.accept(foreign)]);
    const mine = await spool.leases();
    assert.deepEqual(new Set(mine.map((row) => row.spoolId)), new Set([lost.spoolId, moved.spoolId]));
    await rows("UPDATE queue SET fence = 2 WHERE spool_id = $1", moved.spoolId); // settled and leased again meanwhile
    assert.equal(
      await spool.giveBack([...mine, { spoolId: foreign.spoolId, fence: 1 }, { spoolId: spoolId(), fence: 1 }]),
      1,
    );
    const states = await Promise.all(
      [lost, foreign, moved].map(async (one) => (await queueRow(one.spoolId))!["state"]),
    );
    assert.deepEqual(states, ["queued", "leased", "leased"]);
  });
});

test("the ledger takes no change and no deletion", async () => {
  await spool.accept(newMessage());
  for (const statement of [
    "UPDATE ledger_leaves SET leaf = '\\x00'",
    "DELETE FROM ledger_leaves",
    "TRUNCATE ledger_leaves",
  ])
    await assert.rejects(fresh.database.query(statement), /append-only/);
});
