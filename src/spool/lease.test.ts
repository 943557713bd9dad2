import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { T0, newAttempt, newMessage, settlement, spoolId } from "../../test/support/new-message.ts";
import { node, spool, other, rows, count, queueRow, leaves } from "./spool-for-tests.ts";

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
      sendAt: T0,
      expiresAt: T0 + 86_400_000,
      sizeBytes: 5_000,
      isSuperseded: false,
      dueAt: T0 + 60_000,
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
