import type { DeliveryEvent, DeliveryEventType, EventKind } from "../mail/index.ts";
import {
  isTakenAndGivenUp,
  type ObservedAttempt,
  type ObservedMessage,
  type ObservedRecipient,
  type RecipientState,
} from "../spool/index.ts";
import { isInFlight, recipientsOf } from "./facts.ts";
import { saidOf } from "./words.ts";

/** What one event changes. */
export type Effect = {
  states: { n: number; state: RecipientState; reason: string | null }[];
  /** The attempt's end is known now: it was taken. */
  resolved: boolean;
  events: { kind: EventKind; detail: Record<string, unknown> }[];
  /** A copy that nobody counted on any more arrived after all. */
  isLate: boolean;
};

/** The provider has it and works on it: no such thing is told of a message that it did not take. */
const IS_SENDING: ReadonlySet<DeliveryEventType> = new Set<DeliveryEventType>([
  "sent",
  "delivered",
  "deferred",
  "bounced",
  "complained",
  "opened",
  "clicked",
  "unsubscribed",
  "autoresponded",
]);
/** Says only that the provider knows the message: enough where nothing was known, not against an answer it gave. */
const KNOWS_IT: ReadonlySet<DeliveryEventType> = new Set<DeliveryEventType>(["queued", "rejected", "failed"]);

const KINDS: Partial<Record<DeliveryEventType, EventKind>> = {
  delivered: "message.delivered",
  deferred: "message.delayed",
  bounced: "message.bounced",
  complained: "message.complained",
  unsubscribed: "message.unsubscribed",
  opened: "message.opened",
  clicked: "message.clicked",
};

/**
 * Applies an event to what is known, in memory.
 * 1. A try whose end nobody knew was taken, if the provider tells anything of it.  2. The recipient's state moves forward:
 * pending → handed off → delivered → returned (a bounce may come after delivery, and is the last word whatever order
 * notices come in). What ended unsent and was delivered all the same is delivered.  3. It is told.
 */
export function apply(
  facts: ObservedMessage,
  attempt: ObservedAttempt,
  recipient: ObservedRecipient | null,
  event: DeliveryEvent,
): Effect {
  const effect: Effect = {
    states: [],
    resolved: false,
    events: [],
    isLate: event.type === "delivered" && isNotCountedOn(facts, attempt, recipient),
  };
  const about = { provider: attempt.provider, attempt: attempt.n };
  const move = (one: ObservedRecipient, state: RecipientState, reason: string | null = null): void => {
    one.state = state;
    one.reason = reason;
    effect.states.push({ n: one.n, state, reason });
  };

  const reached = provenReached(facts, attempt, recipient, event.type);
  for (const one of reached) move(one, "handed-off");
  if (reached.length > 0) {
    const recipients = reached.map((one) => one.n);
    effect.events.push({ kind: "message.handed-off", detail: { ...about, recipients, learned: "told" } });
  }
  if (isResolvedNow(facts, attempt, event.type)) {
    attempt.resolved = "taken";
    effect.resolved = true;
  }

  const next = recipient && nextState(facts, attempt, recipient, event);
  if (recipient && next) {
    // What comes between is not written: only where a message is in the end.
    effect.states = effect.states.filter((one) => one.n !== recipient.n);
    move(recipient, next, next === "rejected" ? reasonOf(event) : null);
  }
  const kind = kindOf(event, next);
  // A notice that comes late tells what its provider's log has told already.
  const isKnown = event.type === "delivered" && recipient?.state === "delivered" && next === null;
  if (kind && (!isKnown || effect.isLate)) {
    const recipients = recipient ? [recipient.n] : [];
    const late = effect.isLate ? { late: true } : {};
    effect.events.push({ kind, detail: { ...about, recipients, ...detailOf(event, facts), ...late } });
  }
  return effect;
}

/**
 * A try that was given up, one that its provider held while another one took the message, and any of a message whose place
 * another one took: what it carries arrives as a second copy, or as a dead secret.
 */
function isNotCountedOn(
  { isReplaced, attempts }: ObservedMessage,
  attempt: ObservedAttempt,
  recipient: ObservedRecipient | null,
): boolean {
  if (isReplaced || isTakenAndGivenUp(attempt)) return true;
  return (
    attempt.outcome === "held" &&
    attempts.some(
      (other) =>
        other.n > attempt.n &&
        (other.outcome === "accepted" || other.resolved === "taken") &&
        (recipient === null || other.recipients === null || other.recipients.includes(recipient.n)),
    )
  );
}

function provenReached(
  facts: ObservedMessage,
  attempt: ObservedAttempt,
  recipient: ObservedRecipient | null,
  type: DeliveryEventType,
): ObservedRecipient[] {
  if (isUnknown(facts, attempt)) {
    if (!IS_SENDING.has(type) && !KNOWS_IT.has(type)) return [];
    return openRecipients(facts, attempt).filter((one) => one.state === "pending");
  }
  // It had said no, or later, and sends it nevertheless: true of this recipient at least.
  const saidOtherwise =
    attempt.outcome !== null && attempt.outcome !== "accepted" && attempt.outcome !== "indeterminate";
  return saidOtherwise && IS_SENDING.has(type) && recipient?.state === "pending" ? [recipient] : [];
}

/** Its end was never learned, and nobody is about to. */
const isUnknown = (facts: ObservedMessage, attempt: ObservedAttempt): boolean =>
  attempt.resolved === null &&
  (attempt.outcome === "indeterminate" || (attempt.outcome === null && !isInFlight(facts, attempt)));

/** Of a mixed answer only those without one. */
function openRecipients(facts: ObservedMessage, attempt: ObservedAttempt): ObservedRecipient[] {
  const all = recipientsOf(facts, attempt);
  if (attempt.mixed === null) return all;
  const unknown = new Set(attempt.mixed.flatMap((one) => (one.outcome === "indeterminate" ? [one.n] : [])));
  return all.filter((one) => unknown.has(one.n));
}

function isResolvedNow(facts: ObservedMessage, attempt: ObservedAttempt, type: DeliveryEventType): boolean {
  if (isUnknown(facts, attempt)) return IS_SENDING.has(type) || KNOWS_IT.has(type);
  if (attempt.resolved !== null || attempt.outcome !== "held" || !IS_SENDING.has(type)) return false;
  return recipientsOf(facts, attempt).every((one) => one.state !== "pending");
}

const isReturned = ({ type, bounce }: DeliveryEvent): boolean => type === "bounced" && bounce === "hard";
const isRefusedLater = ({ type }: DeliveryEvent): boolean => type === "rejected" || type === "failed";

const BEFORE_DELIVERED: ReadonlySet<RecipientState> = new Set<RecipientState>([
  "pending",
  "handed-off",
  "expired",
  "cancelled",
]);
const BEFORE_RETURNED: ReadonlySet<RecipientState> = new Set<RecipientState>(["pending", "handed-off", "delivered"]);
const BEFORE_REFUSED: ReadonlySet<RecipientState> = new Set<RecipientState>(["pending", "handed-off"]);

function nextState(
  facts: ObservedMessage,
  attempt: ObservedAttempt,
  recipient: ObservedRecipient,
  event: DeliveryEvent,
): RecipientState | null {
  const { state } = recipient;
  if (isTakenAndGivenUp(attempt)) {
    // Its message goes, or went, another way: only that it arrived means anything, and of a liar not even that.
    return event.type === "delivered" && attempt.resolved !== "disbelieved" && BEFORE_DELIVERED.has(state)
      ? "delivered"
      : null;
  }
  if (event.type === "delivered") return BEFORE_DELIVERED.has(state) ? "delivered" : null;
  const isNo = isReturned(event) ? BEFORE_RETURNED.has(state) : isRefusedLater(event) && BEFORE_REFUSED.has(state);
  return isNo && !mayStillArrive(facts, attempt, recipient) ? "rejected" : null;
}

/** A no of one provider says nothing of what another one took, or may yet be given. */
function mayStillArrive(facts: ObservedMessage, attempt: ObservedAttempt, { n, state }: ObservedRecipient): boolean {
  const saidNo = attempt.outcome === "held" || attempt.outcome === "deferred" || attempt.outcome === "rejected";
  if (state === "pending" && saidNo) return true;
  return facts.attempts.some(
    (other) =>
      other.n !== attempt.n &&
      !isTakenAndGivenUp(other) &&
      (other.recipients === null || other.recipients.includes(n)) &&
      (other.outcome === null ||
        other.outcome === "accepted" ||
        other.resolved === "taken" ||
        (other.outcome === "indeterminate" && other.resolved === null)),
  );
}

const reasonOf = (event: DeliveryEvent): string =>
  isReturned(event)
    ? `bounced: ${event.rejectReason ?? "other"}`
    : `refused-by-provider: ${event.rejectReason ?? "other"}`;

/** A refusal that changed nothing is one provider's word about a message that another one carries: not told. */
const kindOf = (event: DeliveryEvent, next: RecipientState | null): EventKind | null =>
  isRefusedLater(event) ? (next === "rejected" ? "message.rejected" : null) : (KINDS[event.type] ?? null);

function detailOf(event: DeliveryEvent, facts: ObservedMessage): Record<string, unknown> {
  const { response, userAgent, url, description } = saidOf(event, facts.class);
  switch (event.type) {
    case "delivered":
      return { response };
    case "deferred":
      return { response, reason: event.rejectReason };
    case "bounced":
      return { bounce: event.bounce, reason: event.rejectReason, response };
    case "rejected":
    case "failed":
      return { cause: reasonOf(event), diagnostic: response ?? description };
    case "opened":
      return { userAgent };
    case "clicked":
      return { userAgent, ...(url === null ? {} : { url }) };
    default:
      return {};
  }
}

/** Nobody is left who waits, and nobody is on the way with it: there is nothing left to do. */
export const isOver = (facts: ObservedMessage): boolean =>
  facts.queue !== null &&
  facts.recipients.every((one) => one.state !== "pending") &&
  !facts.attempts.some((attempt) => isInFlight(facts, attempt));
