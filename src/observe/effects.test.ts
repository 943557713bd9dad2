import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { SpoolId } from "../kernel/index.ts";
import { type DeliveryEventType, deliveryEvent } from "../mail/index.ts";
import type { ObservedAttempt, ObservedMessage, RecipientState } from "../spool/index.ts";
import { apply, isOver } from "./effects.ts";

const attempt = (n: number, provider: string, change: Partial<ObservedAttempt> = {}): ObservedAttempt => ({
  n,
  provider,
  recipients: null,
  outcome: "accepted",
  resolved: null,
  providerMessageId: null,
  mixed: null,
  ...change,
});
/** Lost by harbour, and sent once more. @param second what became of the try at lantern; null: it waits for it. */
function redriven(state: RecipientState, resolved: string, second: ObservedAttempt | null): ObservedMessage {
  return {
    spoolId: "019ab3c0-6e2f-7c1a-9d53-0f6a5e1b2c3d" as SpoolId,
    tenant: "acme",
    class: "C2",
    acceptedAt: 0,
    recipients: [{ n: 0, address: "bob@example.net", state, reason: null }],
    attempts: [attempt(1, "harbour", { resolved }), ...(second ? [second] : [])],
    queue: state === "pending" ? "queued" : null,
    isReplaced: false,
  };
}
const told = (facts: ObservedMessage, n: number, type: DeliveryEventType) =>
  apply(
    facts,
    facts.attempts[n]!,
    facts.recipients[0]!,
    deliveryEvent({ type, bounce: type === "bounced" ? "hard" : null }),
  );

describe("what the provider tells of a try that was given up", () => {
  test("that it arrived after all spares the second copy while that one waits, and counts as late in any case", () => {
    const waiting = redriven("pending", "resent", null);
    const effect = told(waiting, 0, "delivered");
    assert.equal(effect.isLate, true);
    assert.equal(waiting.recipients[0]!.state, "delivered");
    assert.equal(isOver(waiting), true);
    const sent = redriven("handed-off", "resent", attempt(2, "lantern"));
    assert.equal(told(sent, 0, "delivered").isLate, true);
    assert.equal(sent.recipients[0]!.state, "delivered");
  });

  test("it is told, though the other copy is known to have arrived", () => {
    const facts = redriven("delivered", "resent", attempt(2, "lantern"));
    assert.deepEqual(
      told(facts, 0, "delivered").events.map(({ kind, detail }) => [kind, detail["provider"], detail["late"]]),
      [["message.delivered", "harbour", true]],
    );
    const usual = told(redriven("handed-off", "resent", attempt(2, "lantern")), 1, "delivered");
    assert.equal(usual.isLate, false);
    assert.equal("late" in usual.events[0]!.detail, false);
  });

  test("what a provider held while another one took it is late, and so is a secret whose place a newer one took", () => {
    const held = redriven("handed-off", "", attempt(2, "lantern"));
    held.attempts[0] = attempt(1, "harbour", { outcome: "held" });
    assert.equal(told(held, 0, "delivered").isLate, true);
    const alone = { ...redriven("pending", "", null), attempts: [attempt(1, "harbour", { outcome: "held" })] };
    assert.equal(told(alone, 0, "delivered").isLate, false);
    const secret: ObservedMessage = { ...alone, attempts: [attempt(1, "harbour")], class: "C0", isReplaced: true };
    assert.equal(told(secret, 0, "delivered").isLate, true);
  });

  test("of a liar not even that changes anything", () => {
    const waiting = redriven("pending", "disbelieved", null);
    assert.equal(told(waiting, 0, "delivered").isLate, true);
    assert.equal(waiting.recipients[0]!.state, "pending");
    assert.equal(isOver(waiting), false);
  });

  test("a refusal says nothing of the copy that another one has or will have", () => {
    for (const type of ["bounced", "rejected"] as const) {
      const waiting = redriven("pending", "resent", null);
      told(waiting, 0, type);
      assert.equal(waiting.recipients[0]!.state, "pending");
    }
  });

  test("and the other one's refusal is the last word: nobody waits for the copy that is lost", () => {
    const facts = redriven("handed-off", "resent", attempt(2, "lantern"));
    told(facts, 1, "bounced");
    assert.equal(facts.recipients[0]!.state, "rejected");
  });
});
