import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Random } from "../kernel/index.ts";
import { MESSAGE_CLASSES, OUTCOMES, type Outcome } from "../mail/index.ts";
import { type Answered, afterAnswer } from "./decide.ts";
import { ASK_AFTER_MS, RETRY } from "./schedule.ts";

const middle: Random = { bytes: (size) => Buffer.alloc(size), fraction: () => 0.5 };
const NOW = 1_000_000;
const one = (kind: Outcome["kind"], scope: Outcome["scope"] = "message"): Outcome => ({
  kind,
  scope,
  cause: `because-${kind}`,
});

const answered = (outcomes: Outcome[], change: Partial<Answered> = {}): Answered => ({
  class: "C2",
  expiresAt: NOW + 3_600_000,
  pending: outcomes.map((_, n) => n),
  attempt: { n: 1, provider: "harbour", recipients: outcomes.map((_, n) => n) },
  outcomes,
  another: false,
  onlyHolders: false,
  ...change,
});
const step = (outcomes: Outcome[], change: Partial<Answered> = {}) =>
  afterAnswer(answered(outcomes, change), NOW, middle);

describe("after an answer", () => {
  test("accepted by all ends the message and purges its body", () => {
    const { next, changes } = step([one("accepted"), one("accepted")]);
    assert.deepEqual(next, { kind: "end", at: NOW });
    assert.deepEqual(
      changes.map((change) => change.state),
      ["handed-off", "handed-off"],
    );
  });

  for (const kind of ["deferred", "held"] as const) {
    test(`${kind} goes to another provider at once where there is one`, () => {
      assert.deepEqual(step([one(kind)], { another: true }).next, { kind: "keep" });
    });
  }

  test("an account refused is no end of the message; a recipient or a message refused is", () => {
    assert.deepEqual(step([one("rejected", "account")], { another: true }).next, { kind: "keep" });
    assert.equal(step([one("rejected", "recipient")], { another: true }).next.kind, "end");
    assert.equal(step([one("rejected", "message")], { another: true }).next.kind, "end");
  });

  test("an unknown end waits to be asked for, even with another provider at hand", () => {
    assert.deepEqual(step([one("indeterminate")], { another: true }).next, {
      kind: "queue",
      dueAt: NOW + ASK_AFTER_MS,
    });
    assert.equal(step([one("deferred"), one("indeterminate")], { another: true }).next.kind, "queue");
  });

  test("without another provider it waits by its class, never beyond its time", () => {
    assert.deepEqual(step([one("deferred")]).next, { kind: "queue", dueAt: NOW + RETRY.C2.firstMs });
    assert.deepEqual(step([one("deferred")], { expiresAt: NOW + 10 }).next, { kind: "queue", dueAt: NOW + 10 });
  });

  test("when all that may have it hold it, a person must look", () => {
    const { next } = step([one("held")], { onlyHolders: true });
    assert.deepEqual(next, { kind: "hold", reason: "held-by-provider: because-held", dueAt: NOW + 3_600_000 });
  });

  test("mixed answers are kept one by one, under the word that says what is still to be done", () => {
    const { result, changes, next, events } = step([one("accepted"), one("rejected", "recipient"), one("deferred")]);
    assert.equal(result.outcome, "accepted");
    assert.deepEqual(
      (JSON.parse(result.mixed!) as { outcome: string }[]).map((entry) => entry.outcome),
      ["accepted", "rejected", "deferred"],
    );
    assert.deepEqual(
      changes.map((change) => change.state),
      ["handed-off", "rejected"],
    );
    assert.equal(next.kind, "queue");
    assert.deepEqual(
      events.map(({ kind, detail }) => [kind, detail["recipients"]]),
      [
        ["message.handed-off", [0]],
        ["message.rejected", [1]],
        ["message.deferred", [2]],
      ],
    );
  });

  test("whatever the answer: a recipient gets an end at most once, an end needs all, and only an end purges", () => {
    for (const messageClass of MESSAGE_CLASSES) {
      for (const a of OUTCOMES) {
        for (const b of OUTCOMES) {
          for (const another of [true, false]) {
            const { next, changes, result } = step([one(a), one(b)], { class: messageClass, another });
            assert.equal(new Set(changes.map((change) => change.n)).size, changes.length);
            assert.equal(next.kind === "end", changes.length === 2, `${a} ${b}`);
            if (a === "indeterminate" || b === "indeterminate") assert.equal(result.outcome, "indeterminate");
            if (next.kind === "keep") assert.ok(another && result.outcome !== "indeterminate");
          }
        }
      }
    }
  });
});
