import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { T0, newAttempt, newMessage, settlement, spoolId } from "../../test/support/new-message.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import {
  type Failpoint,
  type FailpointName,
  type NodeId,
  newNodeId,
  noFailpoint,
  systemClock,
  systemRandom,
} from "../kernel/index.ts";
import { heartbeat, takeOver } from "./nodes.ts";
import { Spool } from "./spool.ts";

/** Two nodes on one database. A spool has connections of its own until its database closes, so there are no more than needed. */
const node: NodeId = newNodeId(systemClock, systemRandom);
let fresh: FreshDatabase;
let spool: Spool;
let other: Spool;

const spoolOf = (nodeId: NodeId, failpoint: Failpoint = noFailpoint) =>
  new Spool({ node: nodeId, database: fresh.database, failpoint });
before(async () => {
  fresh = await freshDatabase();
  spool = spoolOf(node);
  other = spoolOf(newNodeId(systemClock, systemRandom));
});
after(() => fresh.drop());
afterEach(() =>
  fresh.database.query("TRUNCATE messages, recipients, bodies, queue, attempts, message_events, suppressions, nodes"),
);

const rows = <Row = Record<string, unknown>>(text: string, ...values: unknown[]) =>
  fresh.database.query<Row>(text, values);
const count = async (table: string): Promise<number> =>
  (await rows<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))[0]!.n;
const queueRow = async (id: string) =>
  (
    await rows("SELECT state, fence, attempt_count, lease_node, held_reason, due_at FROM queue WHERE spool_id = $1", id)
  )[0];
const leaves = async (): Promise<string[]> =>
  (await rows<{ leaf: Buffer }>("SELECT leaf FROM ledger_leaves ORDER BY leaf_id")).map((row) => row.leaf.toString());

describe("accept", () => {
  test("stores every row of a message at once: itself, recipients, body, queue, event and leaf", async () => {
    const leavesBefore = (await leaves()).length;
    const message = newMessage({
      recipients: [
        { address: "bob@example.net", notify: "FAILURE", original: "rfc822;bob@example.net" },
        { address: "Ann@example.net", notify: null, original: null },
      ],
      tags: { order: "17" },
      dsnReturn: "HDRS",
      dsnEnvelopeId: "QQ1",
      events: [{ kind: "message.accepted", at: T0, detail: { a: 1 }, notify: true }],
    });
    assert.deepEqual(await spool.accept(message), []);
    const [row] = await rows("SELECT * FROM messages WHERE spool_id = $1", message.spoolId);
    assert.deepEqual(
      [row!["tenant"], row!["class"], row!["dsn_return"], row!["tags"], row!["accepted_at"], row!["ended_at"]],
      ["acme", 2, "HDRS", { order: "17" }, T0, null],
    );
    assert.deepEqual(await rows("SELECT n, address, dsn_notify, state FROM recipients ORDER BY n"), [
      { n: 0, address: "bob@example.net", dsn_notify: "FAILURE", state: "pending" },
      { n: 1, address: "Ann@example.net", dsn_notify: null, state: "pending" },
    ]);
    assert.deepEqual(await spool.body(message.spoolId), message.body);
    assert.deepEqual(await queueRow(message.spoolId), {
      state: "queued",
      fence: 0,
      attempt_count: 0,
      lease_node: null,
      held_reason: null,
      due_at: T0,
    });
    assert.deepEqual(await rows("SELECT kind, detail, notify FROM message_events"), [
      { kind: "message.accepted", detail: { a: 1 }, notify: true },
    ]);
    assert.deepEqual((await leaves()).slice(leavesBefore), ["accepted"]);
  });

  test("a message for its own node is born leased, with its first attempt as intent where there is one", async () => {
    const leased = newMessage({ leased: true });
    const intended = newMessage({ leased: true, intent: newAttempt() });
    await Promise.all([spool.accept(leased), spool.accept(intended)]);
    for (const [message, attempts] of [
      [leased, 0],
      [intended, 1],
    ] as const) {
      const row = await queueRow(message.spoolId);
      assert.deepEqual(
        [row!["state"], row!["fence"], row!["attempt_count"], row!["lease_node"]],
        ["leased", 1, attempts, node],
      );
    }
    assert.deepEqual(await rows("SELECT spool_id, n, provider, node, fence, intent_at, outcome FROM attempts"), [
      { spool_id: intended.spoolId, n: 1, provider: "harbour", node, fence: 1, intent_at: T0 + 1, outcome: null },
    ]);
  });

  test("many at once are all stored, each caller told of its own", async () => {
    const messages = Array.from({ length: 500 }, () => newMessage());
    await Promise.all(messages.map((message) => spool.accept(message)));
    for (const table of ["messages", "recipients", "bodies", "queue"]) assert.equal(await count(table), 500, table);
  });

  test("a group with one bad message stores none of it and tells each", async () => {
    const good = newMessage();
    const twice = newMessage({ spoolId: good.spoolId });
    const answers = await Promise.allSettled([spool.accept(good), spool.accept(twice)]);
    assert.deepEqual(
      answers.map((answer) => answer.status),
      ["rejected", "rejected"],
    );
    assert.equal(await count("messages"), 0);
    assert.equal(await count("bodies"), 0);
  });

  test("a crash before the commit leaves nothing, one after it everything", async () => {
    const crashing = (at: FailpointName) =>
      spoolOf(node, (name) => {
        if (name === at) throw new Error(`killed at ${name}`);
      });
    await assert.rejects(crashing("accept.before-commit").accept(newMessage()), /killed/);
    assert.equal(await count("messages"), 0);
    await assert.rejects(crashing("accept.after-commit").accept(newMessage()), /killed/);
    assert.equal(await count("messages"), 1);
    assert.equal(await count("bodies"), 1);
  });

  test("recipients on the tenant's list are born suppressed, except of secrets and security notices", async () => {
    await rows(
      "INSERT INTO suppressions (tenant, address, reason) VALUES ('acme', 'ann@example.net', 'bounced'), ('other', 'bob@example.net', 'x')",
    );
    const recipients = ["bob@example.net", "ANN@example.net"].map((address) => ({
      address,
      notify: null,
      original: null,
    }));
    for (const [messageClass, suppressed] of [
      ["C2", [1]],
      ["C4", [1]],
      ["C0", []],
      ["C1", []],
    ] as const) {
      const message = newMessage({ class: messageClass, recipients });
      assert.deepEqual(await spool.accept(message), suppressed, messageClass);
      const states = await rows("SELECT state, reason FROM recipients WHERE spool_id = $1 ORDER BY n", message.spoolId);
      assert.deepEqual(
        states[1],
        suppressed.length > 0 ? { state: "suppressed", reason: "bounced" } : { state: "pending", reason: null },
      );
      assert.deepEqual(states[0], { state: "pending", reason: null });
    }
  });

  test("texts of any script and shape are stored as they are", async () => {
    const awkward = `'"\\{},NULL\t${"日本語🙂"}`;
    const message = newMessage({
      author: awkward,
      tags: { [awkward]: awkward },
      events: [{ kind: "k", at: T0, detail: { awkward }, notify: false }],
    });
    await spool.accept(message);
    assert.deepEqual(await rows("SELECT author, tags FROM messages"), [
      { author: awkward, tags: { [awkward]: awkward } },
    ]);
    assert.deepEqual(await rows("SELECT detail FROM message_events"), [{ detail: { awkward } }]);
  });
});

describe("lease", () => {
  test("due messages are given once, the most important class first, the oldest first", async () => {
    const at = (messageClass: "C0" | "C2" | "C4", acceptedAt: number) =>
      newMessage({ class: messageClass, acceptedAt });
    const [bulk, later, earlier, secret, tomorrow] = [
      at("C4", T0),
      at("C2", T0 + 2),
      at("C2", T0 + 1),
      at("C0", T0 + 3),
      at("C2", T0 + 86_400_000),
    ];
    for (const message of [bulk, later, earlier, secret, tomorrow]) await spool.accept(message);
    const first = await spool.lease(T0 + 10, 3);
    assert.deepEqual(
      first.map((one) => one.spoolId),
      [secret.spoolId, earlier.spoolId, later.spoolId],
    );
    assert.ok(first.every((one) => one.fence === 1));
    assert.deepEqual(
      (await spool.lease(T0 + 10, 10)).map((one) => one.spoolId),
      [bulk.spoolId],
    );
    assert.deepEqual(await spool.lease(T0 + 10, 10), []);
  });

  test("two nodes leasing at once share the work without overlap", async () => {
    await Promise.all(Array.from({ length: 200 }, () => spool.accept(newMessage())));
    const taken = (
      await Promise.all(Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? spool : other).lease(T0, 30)))
    ).flat();
    assert.equal(new Set(taken.map((one) => one.spoolId)).size, taken.length);
    const rest = await spool.lease(T0, 500);
    assert.equal(taken.length + rest.length, 200);
  });

  test("a leased message comes with all that a decision needs, and its earlier attempts", async () => {
    const message = newMessage({ leased: true, intent: newAttempt({ recipients: null }), needs8bit: true });
    await spool.accept(message);
    const retry = settlement(
      { spoolId: message.spoolId, fence: 1 },
      {
        attempt: {
          ...settlement({ spoolId: message.spoolId, fence: 1 }).attempt!,
          outcome: "deferred",
          mixed: '[{"n":0,"outcome":"deferred"}]',
        },
        recipients: [],
        next: { kind: "queue", dueAt: T0 + 60_000 },
      },
    );
    assert.equal(await spool.settle(retry), true);
    assert.deepEqual(await spool.lease(T0 + 59_999, 10), []);
    const [leased] = await spool.lease(T0 + 60_000, 10);
    assert.deepEqual(leased, {
      spoolId: message.spoolId,
      fence: 2,
      heldReason: null,
      tenant: "acme",
      stream: "alerts",
      class: "C2",
      returnPath: "bounces@acme.test",
      needsSmtputf8: false,
      needs8bit: true,
      dsnReturn: null,
      dsnEnvelopeId: null,
      acceptedAt: T0,
      expiresAt: T0 + 86_400_000,
      sizeBytes: 5_000,
      recipients: [
        { n: 0, address: "bob@example.net", notify: null, original: null, state: "pending", suppressedFor: null },
      ],
      attempts: [
        {
          n: 1,
          provider: "harbour",
          recipients: null,
          intentAt: T0 + 1,
          settledAt: T0 + 2,
          outcome: "deferred",
          scope: "message",
          cause: "taken",
          resolved: null,
          mixed: [{ n: 0, outcome: "deferred" }],
        },
      ],
    });
  });

  test("held messages are leased only when their time is over", async () => {
    const message = newMessage({ leased: true });
    await spool.accept(message);
    const lease = { spoolId: message.spoolId, fence: 1 };
    await spool.settle(
      settlement(lease, { attempt: null, recipients: [], next: { kind: "hold", reason: "x", dueAt: T0 + 500 } }),
    );
    assert.deepEqual(
      [(await queueRow(message.spoolId))!["state"], (await queueRow(message.spoolId))!["held_reason"]],
      ["held", "x"],
    );
    assert.deepEqual(await spool.lease(T0 + 1_000, 10), []);
    assert.deepEqual(await spool.leaseHeld(T0 + 499, 10), []);
    assert.equal((await spool.leaseHeld(T0 + 500, 10))[0]!.spoolId, message.spoolId);
  });
});

describe("intend", () => {
  const leasedOne = async () => {
    await spool.accept(newMessage());
    const [leased] = await spool.lease(T0, 1);
    return { spoolId: leased!.spoolId, fence: leased!.fence };
  };

  test("writes the attempt under a live lease", async () => {
    const lease = await leasedOne();
    assert.equal(await spool.intend({ lease, attempt: newAttempt({ recipients: [0] }) }), true);
    assert.deepEqual(await rows("SELECT n, recipients, node, fence FROM attempts"), [
      { n: 1, recipients: [0], node, fence: 1 },
    ]);
    assert.equal((await queueRow(lease.spoolId))!["attempt_count"], 1);
  });

  test("writes nothing under an old fence, another node's lease or for a number that is not the next", async () => {
    const lease = await leasedOne();
    const leavesBefore = (await leaves()).length;
    assert.equal(await spool.intend({ lease: { ...lease, fence: 0 }, attempt: newAttempt() }), false);
    assert.equal(await spool.intend({ lease: { ...lease, fence: 2 }, attempt: newAttempt() }), false);
    assert.equal(await other.intend({ lease, attempt: newAttempt() }), false);
    assert.equal(await spool.intend({ lease, attempt: newAttempt({ n: 2 }) }), false);
    assert.equal(await spool.intend({ lease: { spoolId: spoolId(), fence: 1 }, attempt: newAttempt() }), false);
    assert.equal(await count("attempts"), 0);
    assert.equal((await leaves()).length, leavesBefore);
  });

  test("the same attempt cannot be intended twice", async () => {
    const lease = await leasedOne();
    assert.equal(await spool.intend({ lease, attempt: newAttempt() }), true);
    assert.equal(await spool.intend({ lease, attempt: newAttempt() }), false);
    assert.equal(await count("attempts"), 1);
  });
});

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
    await takeOver(fresh.database); // this node never showed that it lives
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
    await takeOver(fresh.database);
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
    await heartbeat(fresh.database, node, "live");
    assert.equal(await takeOver(fresh.database), 1);
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
        takeOver(fresh.database),
      ]);
      const state = (await queueRow(message.spoolId))?.["state"];
      assert.equal(state, won ? undefined : "queued");
      const [recipient] = await rows("SELECT state FROM recipients WHERE spool_id = $1", message.spoolId);
      assert.deepEqual(recipient, { state: won ? "handed-off" : "pending" });
    }
  });

  test("messages of a commit whose answer was lost go back to the queue, others' do not", async () => {
    const [lost, foreign] = [newMessage({ leased: true }), newMessage({ leased: true })];
    await spool.accept(lost);
    await other.accept(foreign);
    assert.equal(await spool.releaseOwn([lost.spoolId, foreign.spoolId, spoolId()]), 1);
    assert.equal((await queueRow(lost.spoolId))!["state"], "queued");
    assert.equal((await queueRow(foreign.spoolId))!["state"], "leased");
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
