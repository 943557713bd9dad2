import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { T0, newAttempt, newMessage, settlement, spoolId } from "../../test/support/new-message.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { virtualClock } from "../../test/support/virtual-clock.ts";
import { type SpoolId, newNodeId, noFailpoint, systemClock, systemRandom } from "../kernel/index.ts";
import { queueActs } from "./acts.ts";
import { Spool } from "./spool.ts";
import type { QueueActs } from "./story.ts";

const NOW = T0 + 1_000;
let fresh: FreshDatabase;
let spool: Spool;
let acts: QueueActs;
before(async () => {
  fresh = await freshDatabase();
  spool = new Spool({ node: newNodeId(systemClock, systemRandom), database: fresh.database, failpoint: noFailpoint });
  acts = queueActs({
    database: fresh.database,
    clock: virtualClock(NOW),
    leafOf: (act) => Buffer.from(`${act.kind} ${act.spoolId} by ${act.actor}`),
    scheduleAheadMs: 30 * 86_400_000,
    wantsEvent: (tenant, kind) => tenant === "acme" && kind === "message.held",
  });
});
after(() => fresh.drop());
afterEach(() => fresh.database.query("TRUNCATE messages, recipients, bodies, queue, attempts, message_events"));

const ACTS = ["cancel", "hold", "release", "retry", "expire"] as const;
const queueRow = async (id: SpoolId) =>
  (
    await fresh.database.query<Record<string, unknown>>(
      "SELECT state, held_reason, due_at, fence FROM queue WHERE spool_id = $1",
      [id],
    )
  )[0];
const stored = async (change: Parameters<typeof newMessage>[0] = {}): Promise<SpoolId> => {
  const message = newMessage(change);
  await spool.accept(message);
  return message.spoolId;
};

test("cancel and expire end a waiting message: recipients told, body and queue row gone", async () => {
  for (const [act, state] of [
    ["cancel", "cancelled"],
    ["expire", "expired"],
  ] as const) {
    const id = await stored();
    assert.equal(await acts[act]("acme", id, "api:app"), "done");
    assert.equal(await queueRow(id), undefined);
    assert.equal(await spool.body(id), null);
    const [row] = await fresh.database.query(
      "SELECT m.ended_at, r.state FROM messages m JOIN recipients r USING (spool_id) WHERE spool_id = $1",
      [id],
    );
    assert.deepEqual(row, { ended_at: NOW, state });
  }
});

test("recipients that already have their end keep it", async () => {
  const recipients = ["a@x.example", "b@x.example"].map((address) => ({ address, notify: null, original: null }));
  const id = await stored({ recipients, leased: true, intent: newAttempt() });
  await spool.settle(settlement({ spoolId: id, fence: 1 }, { next: { kind: "queue", dueAt: T0 + 9_000 } }));
  await acts.cancel("acme", id, "api:app");
  assert.deepEqual(await fresh.database.query("SELECT state FROM recipients ORDER BY n"), [
    { state: "handed-off" },
    { state: "cancelled" },
  ]);
  const [told] = await fresh.database.query<{ detail: object }>(
    "SELECT detail FROM message_events WHERE kind = 'message.cancelled' ORDER BY event_id DESC LIMIT 1",
  );
  assert.deepEqual(told?.detail, { actor: "api:app", recipients: [1] }, "and the event is not about them");
});

test("a held message waits for a person, or for the end of its time; released it is due at once", async () => {
  const id = await stored({ expiresAt: T0 + 5_000 });
  assert.equal(await acts.hold("acme", id, "operator:cli"), "done");
  assert.deepEqual(await queueRow(id), { state: "held", held_reason: "by-operator", due_at: T0 + 5_000, fence: 1 });
  assert.deepEqual(await spool.lease(T0 + 4_000, 10), []);
  assert.equal(await acts.hold("acme", id, "operator:cli"), "not-applicable");
  assert.equal(await acts.retry("acme", id, "operator:cli"), "not-applicable");
  assert.equal(await acts.release("acme", id, "operator:cli"), "done");
  assert.deepEqual(await queueRow(id), { state: "queued", held_reason: null, due_at: NOW, fence: 2 });
  assert.equal(await acts.release("acme", id, "operator:cli"), "not-applicable");
});

test("retry makes a waiting message due now", async () => {
  const id = await stored({ acceptedAt: T0 + 3_600_000 });
  assert.equal(await acts.retry("acme", id, "operator:cli"), "done");
  assert.equal((await queueRow(id))!["due_at"], NOW);
});

test("what is on its way, ended, unknown or another tenant's is not touched, and leaves no trace", async () => {
  const leased = await stored({ leased: true });
  const ended = await stored();
  await acts.cancel("acme", ended, "api:app");
  const foreign = await stored({ tenant: "other" });
  const count = async (table: string) => (await fresh.database.query(`SELECT FROM ${table}`)).length;
  const traces = [await count("message_events"), await count("ledger_leaves")];
  for (const act of ACTS) {
    assert.equal(await acts[act]("acme", leased, "api:app"), "in-flight", act);
    assert.equal(await acts[act]("acme", ended, "api:app"), "ended", act);
    assert.equal(await acts[act]("acme", foreign, "api:app"), "not-found", act);
    assert.equal(await acts[act]("acme", spoolId(), "api:app"), "not-found", act);
    assert.equal(await acts[act]("acme", "' OR 1=1 --" as SpoolId, "api:app"), "not-found", act);
  }
  assert.deepEqual([await count("message_events"), await count("ledger_leaves")], traces);
  assert.equal(await acts.hold(null, foreign, "operator:cli"), "done", "an operator may act for every tenant");
});

test("each act leaves its event, with who did it, and its leaf", async () => {
  const id = await stored();
  await acts.hold("acme", id, "operator:cli");
  await acts.cancel("acme", id, "api:app");
  assert.deepEqual(await fresh.database.query("SELECT kind, detail, notify FROM message_events ORDER BY event_id"), [
    { kind: "message.held", detail: { actor: "operator:cli" }, notify: true },
    { kind: "message.cancelled", detail: { actor: "api:app", recipients: [0] }, notify: false },
  ]);
  const leaves = await fresh.database.query<{ leaf: Buffer }>(
    "SELECT leaf FROM ledger_leaves ORDER BY leaf_id DESC LIMIT 2",
  );
  assert.deepEqual(
    leaves.map((row) => row.leaf.toString()),
    [`message.cancelled ${id} by api:app`, `message.held ${id} by operator:cli`],
  );
});

test("a lease taken before an act is dead after it", async () => {
  const id = await stored();
  await acts.hold("acme", id, "operator:cli");
  await acts.release("acme", id, "operator:cli");
  assert.equal(await spool.intend({ lease: { spoolId: id, fence: 1 }, attempt: newAttempt() }), false);
});

test("an act that meets a lease has one of the two outcomes", async () => {
  for (let round = 0; round < 20; round += 1) {
    const id = await stored();
    const [answer, leased] = await Promise.all([acts.cancel("acme", id, "api:app"), spool.lease(T0 + 10, 10)]);
    assert.equal(answer, leased.length === 1 ? "in-flight" : "done");
    assert.equal((await queueRow(id))?.["state"], leased.length === 1 ? "leased" : undefined);
    await fresh.database.query("TRUNCATE queue");
  }
});

test("a person who releases a held message decides about tries whose end nobody knows", async () => {
  const id = await stored({ leased: true, intent: newAttempt() });
  const step = settlement(
    { spoolId: id, fence: 1 },
    { recipients: [], next: { kind: "hold", reason: "x", dueAt: T0 + 9_000 } },
  );
  await spool.settle({ ...step, attempt: { ...step.attempt!, outcome: "indeterminate" } });
  await acts.release("acme", id, "operator:cli");
  assert.deepEqual(await fresh.database.query("SELECT outcome, resolved FROM attempts"), [
    { outcome: "indeterminate", resolved: "resent" },
  ]);
});

test("a scheduled message is given another instant, and its life moves along; retry sends it now", async () => {
  const id = await stored({ acceptedAt: NOW, sendAt: NOW + 60_000, expiresAt: NOW + 60_000 + 86_400_000 });
  const times = async () => {
    const [row] = await fresh.database.query<Record<string, number>>(
      "SELECT due_at, send_at, expires_at FROM queue JOIN messages USING (spool_id)",
    );
    return [row!["due_at"]! - NOW, row!["send_at"]! - NOW, row!["expires_at"]! - NOW - 86_400_000];
  };
  assert.deepEqual(await times(), [60_000, 60_000, 60_000]);
  assert.equal(await acts.reschedule("other", id, NOW + 5, "api:app"), "not-found");
  assert.equal(await acts.reschedule("acme", id, NOW + 30 * 86_400_000 + 1, "api:app"), "too-far");
  assert.equal(await acts.reschedule("acme", id, Number.MAX_SAFE_INTEGER, "api:app"), "too-far");
  assert.equal(await acts.reschedule("acme", id, NOW + 7_000, "api:app"), "done");
  assert.deepEqual(await times(), [7_000, 7_000, 7_000]);
  const [event] = await fresh.database.query("SELECT kind, detail FROM message_events");
  assert.deepEqual(event, {
    kind: "message.rescheduled",
    detail: { actor: "api:app", sendAt: new Date(NOW + 7_000).toISOString() },
  });
  assert.equal(await acts.hold("acme", id, "api:app"), "done");
  assert.equal(await acts.reschedule("acme", id, NOW + 5, "api:app"), "not-applicable");
  assert.equal(await acts.release("acme", id, "api:app"), "done");
  assert.deepEqual(await times(), [7_000, 7_000, 7_000]);
  assert.equal(await acts.retry("acme", id, "api:app"), "done");
  assert.deepEqual(await times(), [0, 0, 0]);
  assert.equal(await acts.reschedule("acme", id, NOW + 5, "api:app"), "not-applicable", "its time has come");
});

test("an instant in the past is now, and a secret is never put off beyond the life it was accepted with", async () => {
  const past = await stored({ acceptedAt: NOW, sendAt: NOW + 60_000, expiresAt: null });
  assert.equal(await acts.reschedule("acme", past, 0, "api:app"), "done");
  assert.equal((await queueRow(past))!["due_at"], NOW);
  const life = 900_000;
  const secret = await stored({ class: "C0", acceptedAt: NOW, sendAt: NOW + 60_000, expiresAt: NOW + 60_000 + life });
  assert.equal(await acts.reschedule("acme", secret, NOW + life, "api:app"), "done");
  assert.equal(await acts.reschedule("acme", secret, NOW + life + 1, "api:app"), "beyond-secret");
});

test("what was never scheduled is not rescheduled", async () => {
  const id = await stored();
  assert.equal(await acts.reschedule("acme", id, NOW + 60_000, "api:app"), "not-applicable");
});
