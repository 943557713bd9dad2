import { isUuid } from "../kernel/index.ts";
import { type DeliveryEvent, foldedAddress } from "../mail/index.ts";
import type { ObservedAttempt, ObservedMessage, ObservedRecipient } from "../spool/index.ts";
import { recipientsOf } from "./facts.ts";

/** Makes the id that an attempt was given; nobody without the key can. */
export type AttemptIdOf = (spoolId: string, provider: string, n: number) => string;

export type Match =
  | { kind: "ours"; facts: ObservedMessage; attempt: ObservedAttempt; recipient: ObservedRecipient | null }
  /** Ours, and its rows are gone (retention.messageRow). */
  | { kind: "forgotten" }
  | { kind: "foreign" }
  /** It names a message of ours, but no attempt that this provider was given. */
  | { kind: "mismatch" };

/** Which message an event is about: said by our own ids, which came back with it. */
export function matchOf(
  event: DeliveryEvent,
  provider: string,
  known: ReadonlyMap<string, ObservedMessage>,
  attemptIdOf: AttemptIdOf,
): Match {
  const { spoolId } = event;
  if (spoolId === null || !isUuid(spoolId)) return { kind: "foreign" };
  const facts = known.get(spoolId);
  if (!facts) return isOfOurs(event, spoolId, provider, attemptIdOf) ? { kind: "forgotten" } : { kind: "foreign" };
  const attempt = attemptOf(event, provider, facts, attemptIdOf);
  if (!attempt) return { kind: "mismatch" };
  return { kind: "ours", facts, attempt, recipient: recipientOf(event, recipientsOf(facts, attempt)) };
}

/** By its id; else by the provider's id; else the last one this provider was given. */
function attemptOf(
  event: DeliveryEvent,
  provider: string,
  { spoolId, attempts }: ObservedMessage,
  attemptIdOf: AttemptIdOf,
): ObservedAttempt | undefined {
  const given = attempts.filter((one) => one.provider === provider);
  if (event.attemptId !== null) return given.find(({ n }) => attemptIdOf(spoolId, provider, n) === event.attemptId);
  const byId = given.find((one) => one.providerMessageId !== null && one.providerMessageId === event.providerMessageId);
  return byId ?? given.at(-1);
}

/** More tries than any message has at one provider. */
const MOST_ATTEMPTS = 64;
function isOfOurs(event: DeliveryEvent, spoolId: string, provider: string, attemptIdOf: AttemptIdOf): boolean {
  if (event.attemptId === null) return false;
  for (let n = 1; n <= MOST_ATTEMPTS; n += 1) if (attemptIdOf(spoolId, provider, n) === event.attemptId) return true;
  return false;
}

/** The only one it can be, where there is one only: a domain may come back in another form than it went out. */
function recipientOf(event: DeliveryEvent, reached: readonly ObservedRecipient[]): ObservedRecipient | null {
  if (reached.length === 1) return reached[0]!;
  if (event.recipient === null) return null;
  const wanted = foldedAddress(event.recipient);
  return reached.find(({ address }) => foldedAddress(address) === wanted) ?? null;
}
