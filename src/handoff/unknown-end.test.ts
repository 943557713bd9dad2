import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MESSAGE_CLASSES, type MessageClass } from "../mail/index.ts";
import type { LookupAnswer } from "../providers/index.ts";
import type { PastAttempt } from "../spool/index.ts";
import { ASK_AGAIN_MS, TRUST_UNKNOWN_AFTER_MS } from "./schedule.ts";
import { isOpenEnd, isToldTaken, openRecipients, resolveUnknownEnd } from "./unknown-end.ts";

const AT = 1_000_000;
const end = (change: {
  class?: MessageClass;
  answer?: LookupAnswer;
  askable?: boolean;
  resent?: number;
  afterMs?: number;
}) =>
  resolveUnknownEnd({
    class: change.class ?? "C2",
    attempt: { intentAt: AT - 50, settledAt: AT },
    answer: change.answer ?? "unavailable",
    askable: change.askable ?? true,
    resent: change.resent ?? 0,
    now: AT + (change.afterMs ?? 0),
  });

describe("a try with an unknown end", () => {
  test("counts as taken when the provider says so, for every class", () => {
    for (const messageClass of MESSAGE_CLASSES)
      assert.deepEqual(end({ class: messageClass, answer: "taken" }), { kind: "taken" });
  });

  test("goes out again when the provider does not have it, but not before it could know", () => {
    assert.deepEqual(end({ answer: "unknown", afterMs: 10 }), { kind: "ask-again", atMs: AT + TRUST_UNKNOWN_AFTER_MS });
    assert.deepEqual(end({ answer: "unknown", afterMs: TRUST_UNKNOWN_AFTER_MS }), {
      kind: "again",
      resolved: "not-taken",
    });
  });

  test("of a secret is never sent again blindly: asked for until its time is over, or held", () => {
    assert.equal(end({ class: "C0", afterMs: 3_600_000 }).kind, "ask-again");
    assert.deepEqual(end({ class: "C0", askable: false }), { kind: "hold", reason: "outcome-unknown" });
  });

  test("of a notice is sent again after half a minute, of an alert after one, of a receipt after fifteen", () => {
    for (const [messageClass, afterMs] of [
      ["C1", 30_000],
      ["C2", 60_000],
      ["C3", 900_000],
    ] as const) {
      assert.equal(end({ class: messageClass, afterMs: afterMs - 1 }).kind, "ask-again");
      assert.deepEqual(end({ class: messageClass, afterMs }), { kind: "again", resolved: "resent" });
    }
  });

  test("is sent again once at most: never more than two copies", () => {
    assert.deepEqual(end({ class: "C2", resent: 1, askable: false, afterMs: 3_600_000 }), {
      kind: "hold",
      reason: "outcome-unknown",
    });
    assert.deepEqual(end({ class: "C2", resent: 1, afterMs: 3_600_000 }), {
      kind: "ask-again",
      atMs: AT + 3_600_000 + ASK_AGAIN_MS,
    });
  });
});

describe("which recipients it may have reached", () => {
  const attempt: PastAttempt = {
    n: 1,
    provider: "harbour",
    recipients: null,
    intentAt: AT,
    settledAt: null,
    outcome: null,
    scope: null,
    cause: null,
    resolved: null,
    mixed: null,
  };
  test("all it was for", () => {
    assert.deepEqual(openRecipients(attempt, [0, 1]), [0, 1]);
    assert.deepEqual(openRecipients({ ...attempt, recipients: [1] }, [0, 1]), [1]);
  });
  test("of a mixed answer only those without one: a deferred one was not reached", () => {
    const mixed: PastAttempt["mixed"] = [
      { n: 0, outcome: "deferred" },
      { n: 1, outcome: "indeterminate" },
    ];
    assert.deepEqual(openRecipients({ ...attempt, outcome: "indeterminate", mixed }, [0, 1]), [1]);
  });
  test("delivered without another try that can have done it: this one was taken", () => {
    const told = { ...attempt, outcome: "indeterminate" as const };
    const both = [
      { n: 0, state: "delivered" },
      { n: 1, state: "delivered" },
    ];
    assert.equal(isToldTaken(told, [told], both), true);
    assert.equal(isToldTaken(told, [told], [both[0]!, { n: 1, state: "rejected" }]), false);
    const accepted = { ...attempt, n: 2, outcome: "accepted" as const, recipients: [1] };
    assert.equal(isToldTaken(told, [told, accepted], both), false);
    const another = { ...told, n: 2 };
    assert.equal(isToldTaken(told, [told, another], both), false, "which of the two?");
    assert.equal(isToldTaken(told, [told, { ...another, resolved: "not-taken" }], both), true);
  });
  test("an end is open until it is resolved", () => {
    assert.equal(isOpenEnd(attempt), true);
    assert.equal(isOpenEnd({ ...attempt, outcome: "indeterminate" }), true);
    assert.equal(isOpenEnd({ ...attempt, outcome: "indeterminate", resolved: "resent" }), false);
    assert.equal(isOpenEnd({ ...attempt, outcome: "deferred" }), false);
  });
});
