import type { SpoolId } from "../kernel/index.ts";
import type { MessageClass, OutcomeKind, OutcomeScope } from "../mail/index.ts";
import type { SealedBody } from "./seal.ts";
import type { RecipientState } from "./story.ts";

/** What the statements of this room take. Instants are milliseconds since the epoch. */

/** A message to be accepted: every row it will have. */
export type NewMessage = {
  spoolId: SpoolId;
  tenant: string;
  stream: string;
  class: MessageClass;
  credential: string;
  door: string;
  returnPath: string;
  author: string;
  headerMessageId: string;
  sizeBytes: number;
  bodyMac: Buffer;
  needsSmtputf8: boolean;
  needs8bit: boolean;
  dsnReturn: string | null;
  dsnEnvelopeId: string | null;
  tags: Record<string, string> | null;
  acceptedAt: number;
  /** When it is due first; null: at once. */
  sendAt: number | null;
  expiresAt: number | null;
  recipients: { address: string; notify: string | null; original: string | null }[];
  body: SealedBody;
  leaf: Buffer;
  events: NewEvent[];
  /** Born leased: this node keeps it in memory and hands it off itself. */
  leased: boolean;
  /** Its first try, where a provider slot is already taken for it; needs `leased`. */
  intent: NewAttempt | null;
};

/** A try, committed before its provider is called. */
export type NewAttempt = {
  n: number;
  provider: string;
  routeReason: string;
  /** Recipient numbers; null = all of the message. */
  recipients: number[] | null;
  intentAt: number;
  leaf: Buffer;
};

export type NewEvent = { kind: string; at: number; detail: Record<string, unknown>; notify: boolean };

/** A right to work on one message: this node's, with the fence it was given. */
export type Lease = { spoolId: SpoolId; fence: number };

export type RecipientChange = { n: number; state: RecipientState; reason: string | null };

/** What is written of an attempt once its end, or that its end is unknown, is known. */
export type AttemptResult = {
  n: number;
  settledAt: number;
  outcome: OutcomeKind;
  scope: OutcomeScope;
  cause: string;
  replyCode: number | null;
  enhancedStatus: string | null;
  providerMessageId: string | null;
  diagnostic: string | null;
  mixed: string | null;
};

/** Where a message goes from here. */
export type Next =
  | { kind: "end"; at: number }
  | { kind: "queue"; dueAt: number }
  | { kind: "hold"; reason: string; dueAt: number }
  /** Another try follows at once under the same lease. */
  | { kind: "keep" };

/** The same as it is written: whether the text goes with the end, or later (retention.body). */
export type WrittenNext = Exclude<Next, { kind: "end" }> | { kind: "end"; at: number; purgeBody: boolean };

/** One message's step, guarded by its lease: nothing of it is written when the lease was lost. */
export type Settlement = {
  lease: Lease;
  /** The try that ended with this step; null where the step is none of a try (expiry, hold, suppression). */
  attempt: AttemptResult | null;
  /** Closes an earlier indeterminate try. */
  resolution: { n: number; resolved: "taken" | "not-taken" | "resent" | "held" } | null;
  recipients: RecipientChange[];
  next: WrittenNext;
  leaf: Buffer;
  at: number;
  events: NewEvent[];
};

export type LeasedMessage = Lease & {
  heldReason: string | null;
  tenant: string;
  stream: string;
  class: MessageClass;
  returnPath: string;
  needsSmtputf8: boolean;
  needs8bit: boolean;
  dsnReturn: string | null;
  dsnEnvelopeId: string | null;
  /** Since when it is to be sent: its acceptance, or the instant it was scheduled for. */
  sendAt: number;
  expiresAt: number | null;
  sizeBytes: number;
  /** Another message took its place: nobody may send it any more. */
  isSuperseded: boolean;
  /** When this turn of it was due: later than `sendAt` where it was put off before. */
  dueAt: number;
  recipients: LeasedRecipient[];
  attempts: PastAttempt[];
};
export type LeasedRecipient = {
  n: number;
  address: string;
  notify: string | null;
  original: string | null;
  state: RecipientState;
  /** Why the tenant must not write to it now; null: nothing is known against it. */
  suppressedFor: string | null;
};
export type PastAttempt = {
  n: number;
  provider: string;
  recipients: number[] | null;
  intentAt: number;
  settledAt: number | null;
  outcome: OutcomeKind | null;
  scope: OutcomeScope | null;
  cause: string | null;
  resolved: string | null;
  /** Only where the provider answered differently for different recipients. */
  mixed: { n: number; outcome: OutcomeKind }[] | null;
};
