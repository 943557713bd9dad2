import type { AttemptId, Clock, Log, Random, SpoolId } from "../kernel/index.ts";
import type { AccountStatus, ActivityItem, ActivityQuery, Asked, PostureItem } from "./account.ts";
import type { Envelope, MessageClass, Outcome } from "../mail/index.ts";

/** One message on its way to one provider: exactly what is sent, nothing to look up. */
export type Handoff = {
  spoolId: SpoolId;
  attemptId: AttemptId;
  messageClass: MessageClass;
  /** Only the recipients of this attempt. */
  envelope: Envelope;
  /** The message as RFC 5322 text: CRLF line ends, not dot-stuffed. */
  raw: Buffer;
  /**
   * Asked once more right before the point of no return: false where this process stood still so long that another node
   * may have the message by now. Then the hand-off ends as deferred, "aborted".
   */
  isOurs(): boolean;
};

/** What the provider answered. `recipients[i]` speaks of `handoff.envelope.recipients[i]`. */
export type HandoffResult = { recipients: Outcome[] };

export type Capabilities = {
  /** Can be asked afterwards whether it took an attempt. */
  lookup: boolean;
  smtputf8: "yes" | "no" | "asked"; // asked: known only once connected
  /** Recipients per call. */
  maxRecipients: number;
};

/** What the provider itself says about an attempt of which we do not know the end. */
export type LookupAnswer = "taken" | "unknown" | "unavailable";

/**
 * The one shape of every adapter. An adapter never throws for what a provider does: each answer, time-out
 * and broken connection is an Outcome. It holds no policy: it neither retries nor picks another provider.
 */
export type Provider = {
  readonly name: string;
  readonly kind: string;
  /** Providers of one owner fall together; two halves of a secret never share an owner group. */
  readonly ownerGroup: string;
  readonly capabilities: Capabilities;
  handOff(handoff: Handoff, signal: AbortSignal): Promise<HandoffResult>;
  lookup?(attemptId: AttemptId): Promise<LookupAnswer>;
  /** May the account send at all? Asked every minute and after a refusal. */
  status?(): Promise<Asked<AccountStatus>>;
  /** How the account is configured: read-only, complete for the kinds it gives. */
  posture?(): Promise<Asked<PostureItem[]>>;
  /** What the provider says it sent for us. */
  activity?(query: ActivityQuery): Promise<Asked<ActivityItem[]>>;
  close(): Promise<void>;
};

/** What an adapter is built from besides its own settings. */
export type ProviderParts = {
  clock: Clock;
  log: Log;
  /** What we call ourselves in EHLO. */
  hostname: string;
  /** The system's unless given. */
  random?: Random;
};
