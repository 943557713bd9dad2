import type { SpoolId } from "../kernel/index.ts";
import type { DeliveryEvent, MessageClass, OutcomeKind } from "../mail/index.ts";
import type { RecipientState } from "../spool/index.ts";

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
};

/** What is known of a message that notices speak of. Changed in memory as events are applied, then written. */
export type Facts = {
  spoolId: SpoolId;
  tenant: string;
  class: MessageClass;
  acceptedAt: number;
  recipients: FactsRecipient[];
  attempts: FactsAttempt[];
  /** Null: it has ended. */
  queue: "queued" | "leased" | "held" | null;
};
export type FactsRecipient = { n: number; address: string; state: RecipientState; reason: string | null };
export type FactsAttempt = {
  n: number;
  provider: string;
  /** Null: all. */
  recipients: readonly number[] | null;
  outcome: OutcomeKind | null;
  resolved: string | null;
  providerMessageId: string | null;
  mixed: readonly { n: number; outcome: OutcomeKind }[] | null;
};

/** On its way right now: whoever made it will settle it. */
export const isInFlight = (facts: Facts, attempt: FactsAttempt): boolean =>
  attempt.outcome === null && facts.queue === "leased";

export const recipientsOf = (facts: Facts, attempt: FactsAttempt): FactsRecipient[] =>
  facts.recipients.filter(({ n }) => attempt.recipients === null || attempt.recipients.includes(n));
