import { type Random, backoffMs } from "../kernel/index.ts";
import type { MessageClass, Outcome, OutcomeKind } from "../mail/index.ts";
import { type AttemptResult, FAR_MS, type Next, type RecipientChange } from "../spool/index.ts";
import { ASK_AFTER_MS, RETRY } from "./schedule.ts";

/** What is decided after a provider answered, or did not. */
export type Step = {
  result: AttemptResult;
  changes: RecipientChange[];
  next: Next;
  events: { kind: string; detail: Record<string, unknown> }[];
};

export type Answered = {
  class: MessageClass;
  expiresAt: number | null;
  /** Numbers of all recipients without an end yet, before this try. */
  pending: readonly number[];
  attempt: { n: number; provider: string; /** Numbers of the recipients it was for. */ recipients: readonly number[] };
  /** `outcomes[i]` speaks of `attempt.recipients[i]`. */
  outcomes: readonly Outcome[];
  /** Another provider of the route may be tried at once. */
  another: boolean;
  /** No provider of the route is left that did not take it and hold it. */
  onlyHolders: boolean;
};

/**
 * 1. Each recipient that has an end gets it.  2. None left: the message ends.  3. An unknown end is asked for later,
 * whatever else is open.  4. `deferred`, `held` and a refused account go to another provider at once.  5. Else wait.
 */
export function afterAnswer(answered: Answered, now: number, random: Random): Step {
  const { attempt, outcomes } = answered;
  const changes: RecipientChange[] = [];
  const open = new Set(answered.pending);
  attempt.recipients.forEach((n, index) => {
    const change = endOf(n, outcomes[index]!);
    if (!change) return;
    changes.push(change);
    open.delete(n);
  });
  const result = resultOf(attempt, outcomes, now);
  return {
    result,
    changes,
    next: nextOf(answered, result, open, now, random),
    events: eventsOf(answered, result, changes),
  };
}

/** The recipient it speaks of is done with, one way or the other. */
export const isEnd = (outcome: Outcome): boolean => endOf(0, outcome) !== null;

function endOf(n: number, outcome: Outcome): RecipientChange | null {
  if (outcome.kind === "accepted") return { n, state: "handed-off", reason: null };
  if (outcome.kind === "rejected" && outcome.scope !== "account")
    return { n, state: "rejected", reason: outcome.cause };
  return null;
}

function nextOf(
  answered: Answered,
  result: AttemptResult,
  open: ReadonlySet<number>,
  now: number,
  random: Random,
): Next {
  if (open.size === 0) return { kind: "end", at: now };
  const lastAt = answered.expiresAt ?? now + FAR_MS;
  if (result.outcome === "indeterminate") return { kind: "queue", dueAt: now + ASK_AFTER_MS };
  if (answered.another) return { kind: "keep" };
  if (answered.onlyHolders) return { kind: "hold", reason: `held-by-provider: ${result.cause}`, dueAt: lastAt };
  const wait = backoffMs(RETRY[answered.class], answered.attempt.n, random);
  return { kind: "queue", dueAt: Math.min(now + wait, lastAt) };
}

/** One word for a try whose recipients fared differently: the one that says most about what must still be done. */
const SAYS_MOST: readonly OutcomeKind[] = ["indeterminate", "accepted", "held", "deferred", "rejected"];

function resultOf(attempt: Answered["attempt"], outcomes: readonly Outcome[], now: number): AttemptResult {
  const lead =
    outcomes.length === 1
      ? outcomes[0]!
      : SAYS_MOST.flatMap((kind) => outcomes.find((one) => one.kind === kind) ?? [])[0]!;
  const mixed = outcomes.some((one) => one.kind !== lead.kind || one.cause !== lead.cause);
  return {
    n: attempt.n,
    settledAt: now,
    outcome: lead.kind,
    scope: lead.scope,
    cause: lead.cause,
    replyCode: lead.replyCode ?? null,
    enhancedStatus: lead.enhancedStatus ?? null,
    providerMessageId: lead.providerMessageId ?? null,
    diagnostic: lead.diagnostic ?? null,
    mixed: mixed ? JSON.stringify(outcomes.map((one, index) => mixedEntry(attempt.recipients[index]!, one))) : null,
  };
}

const mixedEntry = (n: number, one: Outcome): Record<string, unknown> => ({
  n,
  outcome: one.kind,
  scope: one.scope,
  cause: one.cause,
  ...(one.replyCode === undefined ? {} : { replyCode: one.replyCode }),
  ...(one.diagnostic === undefined ? {} : { diagnostic: one.diagnostic }),
});

const EVENT_OF: Record<OutcomeKind, string> = {
  accepted: "message.handed-off",
  deferred: "message.deferred",
  held: "message.deferred",
  rejected: "message.deferred", // of the whole account; of recipients: message.rejected
  indeterminate: "message.outcome-unknown",
};

function eventsOf({ attempt }: Answered, result: AttemptResult, changes: readonly RecipientChange[]): Step["events"] {
  const rejected = changes.filter((change) => change.state === "rejected");
  const taken = changes.filter((change) => change.state === "handed-off").map((change) => change.n);
  const about = { provider: attempt.provider, attempt: attempt.n, cause: result.cause };
  const events: Step["events"] = [];
  if (taken.length > 0) events.push({ kind: "message.handed-off", detail: { ...about, recipients: taken } });
  if (rejected.length > 0) {
    events.push({
      kind: "message.rejected",
      detail: {
        ...about,
        recipients: rejected.map((one) => one.n),
        cause: rejected[0]!.reason,
        diagnostic: result.diagnostic,
      },
    });
  }
  const ended = new Set(changes.map((change) => change.n));
  const open = attempt.recipients.filter((n) => !ended.has(n));
  if (open.length > 0) {
    const kind = EVENT_OF[result.outcome] === "message.handed-off" ? "message.deferred" : EVENT_OF[result.outcome];
    events.push({ kind, detail: { ...about, outcome: result.outcome, recipients: open } });
  }
  return events;
}
