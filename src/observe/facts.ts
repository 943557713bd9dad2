import type { DeliveryEvent } from "../mail/index.ts";
import type { ObservedAttempt, ObservedMessage, ObservedRecipient } from "../spool/index.ts";

/** A notice whose proof holds: what it says, and by what it is known when it comes again. */
export type TakenNotice = {
  provider: string;
  /** By these the provider's scheme knows it, or each of its events, again. */
  ids: readonly string[];
  events: readonly DeliveryEvent[];
  /** What it says of those ids alone. */
  eventsOf(fresh: ReadonlySet<string>): Promise<readonly DeliveryEvent[]>;
  /** SHA-256 of its octets: what the ledger holds of it. */
  hash: Buffer;
  /** Milliseconds since the epoch. */
  forgetAt: number;
  /** Where it was not told but asked for. */
  source?: "log";
};

/** On its way right now: whoever made it will settle it. */
export const isInFlight = (facts: ObservedMessage, attempt: ObservedAttempt): boolean =>
  attempt.outcome === null && facts.queue === "leased";

export const recipientsOf = (facts: ObservedMessage, attempt: ObservedAttempt): ObservedRecipient[] =>
  facts.recipients.filter(({ n }) => attempt.recipients === null || attempt.recipients.includes(n));
