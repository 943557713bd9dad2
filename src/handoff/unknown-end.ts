import type { LookupAnswer } from "../providers/index.ts";
import type { MessageClass } from "../mail/index.ts";
import type { PastAttempt } from "../spool/index.ts";
import { ASK_AGAIN_MS, TRUST_UNKNOWN_AFTER_MS, UNANSWERABLE } from "./schedule.ts";

/** A try whose end nobody knows: interrupted by a crash (no outcome) or answered by silence (`indeterminate`). */
export const isOpenEnd = (attempt: PastAttempt): boolean =>
  attempt.resolved === null && (attempt.outcome === null || attempt.outcome === "indeterminate");

/** The recipients such a try may have reached: of a mixed answer only those without one. */
export function openRecipients(attempt: PastAttempt, all: readonly number[]): number[] {
  const asked = attempt.recipients ?? all;
  if (attempt.mixed === null) return [...asked];
  const unknown = new Set(attempt.mixed.flatMap((one) => (one.outcome === "indeterminate" ? [one.n] : [])));
  return asked.filter((n) => unknown.has(n));
}

/** The recipients for whom the provider said yes. Pending ones among them: the lease was lost before it could be settled. */
export function takenRecipients(attempt: PastAttempt, all: readonly number[]): number[] {
  if (attempt.mixed === null) return attempt.outcome === "accepted" ? [...(attempt.recipients ?? all)] : [];
  return attempt.mixed.flatMap((one) => (one.outcome === "accepted" ? [one.n] : []));
}

/** Its recipients are known to have the message, and no other try of it can have brought it there. */
export function isToldTaken(
  attempt: PastAttempt,
  all: readonly PastAttempt[],
  recipients: readonly { n: number; state: string }[],
): boolean {
  const everyone = recipients.map((one) => one.n);
  const reached = openRecipients(attempt, everyone);
  const isReachedBy = (other: PastAttempt, n: number): boolean =>
    isOpenEnd(other) ? openRecipients(other, everyone).includes(n) : takenRecipients(other, everyone).includes(n);
  return (
    reached.length > 0 &&
    reached.every(
      (n) =>
        recipients.some((one) => one.n === n && one.state === "delivered") &&
        !all.some((other) => other !== attempt && isReachedBy(other, n)),
    )
  );
}

export type UnknownEnd =
  /** The provider has it: its recipients are handed off. */
  | { kind: "taken" }
  /** It goes out again; `resolved` says on what ground. */
  | { kind: "again"; resolved: "not-taken" | "resent" }
  | { kind: "ask-again"; atMs: number }
  | { kind: "hold"; reason: string };

/**
 * What becomes of a try with an unknown end, from what its provider says now and what its class allows. Pure.
 * @param resent how many of the message's tries were sent again without knowing: at most one, so never more than two copies.
 */
export function resolveUnknownEnd(facts: {
  class: MessageClass;
  attempt: Pick<PastAttempt, "intentAt" | "settledAt">;
  answer: LookupAnswer;
  /** The provider can be asked at all. */
  askable: boolean;
  resent: number;
  now: number;
}): UnknownEnd {
  const { answer, now } = facts;
  if (answer === "taken") return { kind: "taken" };
  const brokeOffAt = facts.attempt.settledAt ?? facts.attempt.intentAt;
  if (answer === "unknown") {
    const trustedAt = brokeOffAt + TRUST_UNKNOWN_AFTER_MS;
    return now >= trustedAt ? { kind: "again", resolved: "not-taken" } : { kind: "ask-again", atMs: trustedAt };
  }
  const rule = UNANSWERABLE[facts.class];
  if (rule === "hold" || facts.resent > 0) {
    return facts.askable
      ? { kind: "ask-again", atMs: now + ASK_AGAIN_MS }
      : { kind: "hold", reason: "outcome-unknown" };
  }
  const resendAt = brokeOffAt + rule.resendAfterMs;
  if (now >= resendAt) return { kind: "again", resolved: "resent" };
  return { kind: "ask-again", atMs: facts.askable ? Math.min(resendAt, now + ASK_AGAIN_MS) : resendAt };
}
