import { foldedAddress } from "../../mail/index.ts";
import type { DoubtedMessage, ObservedAttempt, RedriveOrder, RedriveResult } from "../../spool/index.ts";

/** What a provider's log says of one try. */
export type LogAnswer = "none" | { deliveredTo: ReadonlySet<string> };

export type Verdict =
  | { kind: "done"; result: Exclude<RedriveResult, "resent" | "hurried"> }
  /** It waits already, and is due at once. */
  | { kind: "hurry" }
  | { kind: "again"; recipients: number[]; attempts: number[] };

const GIVEN_UP: ReadonlySet<string | null> = new Set(["resent", "disbelieved"]);
/** A second copy was let out before, on whatever ground: there are never more than two. */
const isGivenUp = (attempt: ObservedAttempt): boolean => GIVEN_UP.has(attempt.resolved);
const isTaken = (attempt: ObservedAttempt): boolean => attempt.outcome === "accepted" || attempt.resolved === "taken";

/**
 * What becomes of a message that a provider took and perhaps lost. Pure.
 * 1. Those of its recipients count whom this provider reached last, and of whom nothing was heard since (where it lies:
 * whatever was heard).  2. A secret's octets are never sent twice: the application is asked for a new one.
 * 3. Everything else once more at most, by another way, while its text and its time are there.
 */
export function decideRedrive(facts: {
  message: DoubtedMessage | undefined;
  order: Pick<RedriveOrder, "provider" | "lying" | "operator">;
  log: LogAnswer;
  /** The route has another provider that may have it. */
  hasOtherWay: boolean;
  now: number;
}): Verdict {
  const { message, order, log, now } = facts;
  if (!message) return { kind: "done", result: "gone" };
  if (message.isSuperseded) return { kind: "done", result: "superseded" };
  if (message.queue !== null) {
    if (isHeldBy(message, order.provider)) return { kind: "hurry" };
    return message.class === "C0" && isUnknownAt(message, order.provider) ? REISSUE : CONFIRMED;
  }
  const doubted = doubtedRecipients(message, order);
  if (doubted.recipients.length === 0) return CONFIRMED;
  const told =
    log === "none" ? [] : doubted.recipients.filter((one) => log.deliveredTo.has(foldedAddress(one.address)));
  const missing = order.lying ? doubted.recipients : doubted.recipients.filter((one) => !told.includes(one));
  if (missing.length === 0) return { kind: "done", result: "delivered" };
  if (message.class === "C0") return REISSUE;
  if (message.class === "C4" && order.operator === null) return { kind: "done", result: "bulk" };
  if (message.attempts.some(isGivenUp)) return { kind: "done", result: "twice" };
  if (message.expiresAt !== null && now >= message.expiresAt) return { kind: "done", result: "expired" };
  if (!message.hasBody) return { kind: "done", result: "body-gone" };
  if (!facts.hasOtherWay) return { kind: "done", result: "no-other-way" };
  return { kind: "again", recipients: missing.map((one) => one.n), attempts: doubted.attempts };
}

const CONFIRMED: Verdict = { kind: "done", result: "confirmed" };
const REISSUE: Verdict = { kind: "done", result: "reissue-wanted" };

const isUnknownAt = (message: DoubtedMessage, provider: string): boolean =>
  message.attempts.some(
    (one) => one.provider === provider && one.outcome === "indeterminate" && (one.resolved ?? "held") === "held",
  ) && message.recipients.some((one) => one.state === "pending");

const isHeldBy = (message: DoubtedMessage, provider: string): boolean =>
  message.attempts.some((one) => one.provider === provider && one.outcome === "held" && one.resolved === null) &&
  message.recipients.some((one) => one.state === "pending");

/** Recipients whose latest try that was taken is this provider's, and those tries. */
function doubtedRecipients(
  message: DoubtedMessage,
  { provider, lying }: Pick<RedriveOrder, "provider" | "lying">,
): { recipients: DoubtedMessage["recipients"]; attempts: number[] } {
  const attempts = new Set<number>();
  const recipients = message.recipients.filter((one) => {
    if (one.state !== "handed-off" && !(lying && one.state === "delivered")) return false;
    const last = message.attempts.findLast((attempt) => isTaken(attempt) && reached(attempt, one.n));
    if (!last || last.provider !== provider || isGivenUp(last)) return false;
    attempts.add(last.n);
    return true;
  });
  return { recipients, attempts: [...attempts] };
}

const reached = ({ recipients, mixed, outcome }: ObservedAttempt, n: number): boolean =>
  (recipients === null || recipients.includes(n)) &&
  (mixed === null ||
    mixed.some(
      (one) =>
        one.n === n && (one.outcome === "accepted" || (outcome === "indeterminate" && one.outcome === "indeterminate")),
    ));
