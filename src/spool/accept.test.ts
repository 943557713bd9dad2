import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { T0, newAttempt, newMessage } from "../../test/support/new-message.ts";
import type { FailpointName } from "../kernel/index.ts";
import { node, spool, spoolOf, rows, count, queueRow, leaves } from "./spool-for-tests.ts";

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

  test("a message that the database refuses is stored in no part, and costs no other one of its group its place", async () => {
    const good = Array.from({ length: 10 }, () => newMessage());
    const bad = newMessage({ stream: "a\0b" });
    const answers = await Promise.allSettled(
      [...good.slice(0, 7), bad, ...good.slice(7)].map((one) => spool.accept(one)),
    );
    assert.deepEqual(
      answers.flatMap((answer, n) => (answer.status === "rejected" ? [n] : [])),
      [7],
    );
    for (const table of ["messages", "recipients", "bodies", "queue"]) assert.equal(await count(table), 10, table);
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
