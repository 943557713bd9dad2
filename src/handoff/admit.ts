import type { Clock } from "../kernel/index.ts";
import type { Metrics } from "../metrics/index.ts";
import type { LookupAnswer } from "../providers/index.ts";
import {
  type AttemptResult,
  FAR_MS,
  type Next,
  type PastAttempt,
  type RecipientChange,
  isGivenUp,
  isTakenAndGivenUp,
} from "../spool/index.ts";
import type { AttemptIds } from "./attempt-id.ts";
import type { Courier } from "./courier.ts";
import type { Desk } from "./desk.ts";
import { isOpenEnd, isToldTaken, openRecipients, resolveUnknownEnd, takenRecipients } from "./unknown-end.ts";
import { type Work, pendingOf } from "./work.ts";

export type AdmitParts = {
  courier: Courier;
  desks: ReadonlyMap<string, Desk>;
  attemptIds: AttemptIds;
  clock: Clock;
  metrics: Metrics;
};

/**
 * What comes before a message from the queue may be tried (again):
 * 1. Answers that came after their lease was lost are settled; tries with an unknown end are asked for.
 * 2. Another message took its place: it ends.  3. Recipients that got onto the suppression list are taken out.
 * 4. Out of time: it ends.
 * @returns ready: it may go · done: this step settled it.
 */
export async function admit(work: Work, parts: AdmitParts): Promise<"ready" | "done"> {
  for (const attempt of work.message.attempts) {
    if (isTakenAndGivenUp(attempt)) continue; // its yes was written, and counts no longer
    if ((await settleLate(work, attempt, parts)) === "done") return "done";
    if (work.message.isSuperseded) continue;
    // Nobody waits for the answer: a provider's notice told of each recipient what became of it.
    if (!isOpenEnd(attempt) || pendingOf(work).length === 0) continue;
    if ((await resolve(work, attempt, parts)) === "done") return "done";
  }
  if (work.message.isSuperseded) return cancelSuperseded(work, parts);
  const suppressed = work.message.recipients.filter((one) => one.state === "pending" && one.suppressedFor !== null);
  if (suppressed.length > 0) {
    const changes = suppressed.map((one): RecipientChange => ({
      n: one.n,
      state: "suppressed",
      reason: one.suppressedFor,
    }));
    const events = [{ kind: "message.suppressed", detail: { recipients: changes.map((one) => one.n) } }];
    const left = pendingOf(work).length - changes.length;
    const next: Next = left > 0 ? { kind: "keep" } : { kind: "end", at: parts.clock.now() };
    const live = await parts.courier.settle(work, { result: null, changes, next, events }, "suppressed");
    if (!live || next.kind === "end") return "done";
  }
  if (isExpired(work, parts.clock)) return expire(work, parts);
  if (pendingOf(work).length > 0) return "ready";
  await endToldOf(work, parts);
  return "done";
}

/** Notices told of every recipient while the call was waited for, or before anybody asked: so the try without an answer was taken. */
async function endToldOf(work: Work, { courier, clock }: AdmitParts): Promise<void> {
  const now = clock.now();
  const { attempts, recipients } = work.message;
  const told = attempts.find((one) => isOpenEnd(one) && isToldTaken(one, attempts, recipients));
  const resolution = told && { n: told.n, resolved: "taken" as const };
  const result = told && told.outcome === null ? interrupted(told, now) : null;
  const next: Next = { kind: "end", at: now };
  const step = { result, ...(resolution && { resolution }), changes: [], next, events: [] };
  await courier.settle(work, step, told ? "told" : "nothing-left");
}

export const isExpired = (work: Work, clock: Clock): boolean =>
  work.message.expiresAt !== null && clock.now() >= work.message.expiresAt;

/** Ends it: a secret that is too old, an alert nobody needs any more. Never silent: row, event, log, metric. */
export async function expire(work: Work, { courier, clock }: Pick<AdmitParts, "courier" | "clock">): Promise<"done"> {
  const last = work.message.attempts.at(-1);
  const reason = last === undefined ? "never-tried" : `last: ${last.provider} ${last.cause ?? "no answer"}`;
  const changes = pendingOf(work).map((n): RecipientChange => ({ n, state: "expired", reason }));
  const events = [{ kind: "message.expired", detail: { recipients: changes.map((one) => one.n), reason } }];
  const next: Next = { kind: "end", at: clock.now() };
  await courier.settle(work, { result: null, changes, next, events }, "expired");
  return "done";
}

/** Its event was told when it was replaced. */
async function cancelSuperseded(work: Work, { courier, clock }: AdmitParts): Promise<"done"> {
  const changes = pendingOf(work).map((n): RecipientChange => ({ n, state: "cancelled", reason: "superseded" }));
  const next: Next = { kind: "end", at: clock.now() };
  await courier.settle(work, { result: null, changes, next, events: [] }, "superseded");
  return "done";
}

/** What a provider answered to a node that had lost the message meanwhile counts as if it had not. */
async function settleLate(work: Work, attempt: PastAttempt, parts: AdmitParts): Promise<"ready" | "done"> {
  const everyone = work.message.recipients.map((one) => one.n);
  return settleTaken(work, attempt, takenRecipients(attempt, everyone), "late", parts);
}

/** @param taken recipients the provider has; those that have their end already are left out. */
async function settleTaken(
  work: Work,
  attempt: PastAttempt,
  taken: readonly number[],
  learned: "asked" | "late",
  { courier, clock }: AdmitParts,
  result: AttemptResult | null = null,
): Promise<"ready" | "done"> {
  const pending = new Set(pendingOf(work));
  const reached = taken.filter((n) => pending.has(n));
  if (learned === "late" && reached.length === 0) return "ready";
  const changes = reached.map((n): RecipientChange => ({ n, state: "handed-off", reason: null }));
  const next: Next = pending.size > reached.length ? { kind: "keep" } : { kind: "end", at: clock.now() };
  const detail = { provider: attempt.provider, attempt: attempt.n, recipients: reached, learned };
  const events = [{ kind: "message.handed-off", detail }];
  const resolution = { n: attempt.n, resolved: "taken" as const };
  const live = await courier.settle(work, { result, resolution, changes, next, events }, "taken");
  return live && next.kind === "keep" ? "ready" : "done";
}

async function resolve(work: Work, attempt: PastAttempt, parts: AdmitParts): Promise<"ready" | "done"> {
  const { courier, desks, attemptIds, clock, metrics } = parts;
  const { message } = work;
  const desk = desks.get(attempt.provider);
  const answer: LookupAnswer =
    (await desk?.provider.lookup?.(attemptIds.of(message.spoolId, attempt.provider, attempt.n))) ?? "unavailable";
  metrics.lookup(attempt.provider, answer);
  const now = clock.now();
  const end = resolveUnknownEnd({
    class: message.class,
    attempt,
    answer,
    askable: desk?.provider.capabilities.lookup ?? false,
    resent: message.attempts.filter(isGivenUp).length,
    now,
  });
  const result = attempt.outcome === null ? interrupted(attempt, now) : null;
  const lastAt = message.expiresAt ?? now + FAR_MS;
  switch (end.kind) {
    case "taken": {
      const everyone = message.recipients.map((one) => one.n);
      return settleTaken(work, attempt, openRecipients(attempt, everyone), "asked", parts, result);
    }
    case "again": {
      const resolution = { n: attempt.n, resolved: end.resolved };
      const live = await courier.settle(
        work,
        { result, resolution, changes: [], next: { kind: "keep" }, events: [] },
        end.resolved,
      );
      attempt.resolved = end.resolved;
      work.tried.add(attempt.provider); // in this round the others come first: this one left us in the dark
      return live ? "ready" : "done";
    }
    case "ask-again": {
      if (isExpired(work, clock)) return expire(work, parts);
      const next: Next = { kind: "queue", dueAt: Math.min(end.atMs, lastAt) };
      await courier.settle(work, { result, changes: [], next, events: [] }, `asked: ${answer}`);
      return "done";
    }
    case "hold": {
      if (isExpired(work, clock)) return expire(work, parts);
      const resolution = { n: attempt.n, resolved: "held" as const };
      const events = [{ kind: "message.held", detail: { reason: end.reason, provider: attempt.provider } }];
      await courier.settle(
        work,
        { result, resolution, changes: [], next: { kind: "hold", reason: end.reason, dueAt: lastAt }, events },
        end.reason,
      );
      return "done";
    }
  }
}

/** A try found without an outcome: its process ended between the commit and the answer. */
const interrupted = (attempt: PastAttempt, now: number): AttemptResult => ({
  n: attempt.n,
  settledAt: now,
  outcome: "indeterminate",
  scope: "message",
  cause: "interrupted",
  replyCode: null,
  enhancedStatus: null,
  providerMessageId: null,
  diagnostic: null,
  mixed: null,
});
