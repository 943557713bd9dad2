import type { SpoolId } from "../kernel/index.ts";
import type { MessageClass, OutcomeKind, OutcomeScope } from "../mail/index.ts";

/** Everything that is known of one message, for people and for the API. Instants are milliseconds since the epoch. */
export type MessageStory = MessageSummary & { attempts: AttemptStory[]; events: EventStory[] };

/** scheduled: waits for its sendAt · queued: waits for its next try · in-flight: leased by a node · held: waits for a person or a rule · ended: nothing left to do. */
export const MESSAGE_STATES = ["scheduled", "queued", "in-flight", "held", "ended"] as const;
export type MessageState = (typeof MESSAGE_STATES)[number];

export type MessageSummary = {
  spoolId: SpoolId;
  tenant: string;
  stream: string;
  class: MessageClass;
  door: string;
  state: MessageState;
  heldReason: string | null;
  /** When it will be tried next; null unless queued or scheduled. */
  dueAt: number | null;
  acceptedAt: number;
  /** The instant it was scheduled for; null: it was to be sent at once. */
  sendAt: number | null;
  expiresAt: number | null;
  endedAt: number | null;
  returnPath: string;
  author: string;
  headerMessageId: string;
  sizeBytes: number;
  tags: Record<string, string>;
  recipients: RecipientStory[];
};

export const RECIPIENT_STATES = [
  "pending",
  "handed-off",
  "delivered",
  "rejected",
  "expired",
  "suppressed",
  "cancelled",
] as const;
export type RecipientState = (typeof RECIPIENT_STATES)[number];
export type RecipientStory = { address: string; state: RecipientState; reason: string | null };

export type AttemptStory = {
  n: number;
  provider: string;
  /** Why it went there, in words. */
  routeReason: string;
  /** Indexes into `recipients`. */
  recipients: number[];
  intentAt: number;
  settledAt: number | null;
  /** Null: on its way, or not yet known after a crash. */
  outcome: OutcomeKind | null;
  scope: OutcomeScope | null;
  cause: string | null;
  replyCode: number | null;
  enhancedStatus: string | null;
  providerMessageId: string | null;
  diagnostic: string | null;
};

export type EventStory = { at: number; kind: string; detail: Record<string, unknown> };

export type MessageFilter = {
  /** Null: every tenant (operators only). */
  tenant: string | null;
  state?: MessageState;
  stream?: string;
  recipient?: string;
  /** The address in From. */
  author?: string;
  /** The domain of it, or one above that. */
  authorDomain?: string;
  /** As it stands in the message: `<2a9f@app.example.com>`. No index has it: name the time the message was accepted in. */
  headerMessageId?: string;
  /** A tag of this name; with `value`, of this value. Subjects are not kept, so nobody can look for one. */
  tag?: { name: string; value?: string };
  /** Something of this kind is told of it in `message_events`; attempts are not asked. */
  event?: string;
  acceptedAfter?: number;
  acceptedBefore?: number;
};

/** Newest first. `after` is the last spoolId of the page before. */
export type MessagePage = { messages: MessageSummary[]; next: SpoolId | null };

/** What happened, over all messages of a tenant. */
export type EventFilter = {
  /** Null: every tenant (operators only). */
  tenant: string | null;
  /** Of mail/event-kinds.ts. */
  kinds?: readonly string[];
  eventId?: number;
  spoolId?: SpoolId;
  stream?: string;
  recipient?: string;
  author?: string;
  authorDomain?: string;
  headerMessageId?: string;
  tag?: { name: string; value?: string };
  /** Of the message they happened to. */
  acceptedAfter?: number;
  acceptedBefore?: number;
  /** From this instant on, and before that one. */
  after?: number;
  before?: number;
  oldestFirst?: boolean;
};

/** Of one recipient; null where a provider did not say of which. */
export type EventEntry = {
  /** The number of the row that tells it; null of what the attempts and the message itself tell. */
  eventId: number | null;
  /** Index into the recipients of its message; null where `recipient` is. */
  recipientNumber: number | null;
  /** Its place in the list, together with `at`: an EventCursor. */
  key: string;
  kind: string;
  at: number;
  spoolId: SpoolId;
  recipient: string | null;
  provider: string | null;
  attempt: number | null;
  /** Our word for the cause. */
  reason: string | null;
  /** What the provider, or the server it spoke to, said. */
  response: string | null;
  replyCode: number | null;
  enhancedStatus: string | null;
  providerMessageId: string | null;
  /** What else is told of it (docs/webhooks.md). */
  detail: Record<string, unknown>;
  message: {
    stream: string;
    class: MessageClass;
    author: string;
    headerMessageId: string;
    tags: Record<string, string>;
    acceptedAt: number;
  };
};

/** The last entry of the page before. */
export type EventCursor = { at: number; key: string };
export type EventPage = { events: EventEntry[]; next: EventCursor | null };

export type StoryReader = {
  /** Newest first, unless asked otherwise. */
  events(filter: EventFilter, limit: number, after: EventCursor | null): Promise<EventPage>;
  find(tenant: string | null, spoolId: SpoolId): Promise<MessageStory | null>;
  list(filter: MessageFilter, limit: number, after: SpoolId | null): Promise<MessagePage>;
  /** How many there are; `most` where there are more. */
  count(filter: MessageFilter, most: number): Promise<number>;
};

/** in-flight: a node works on it right now, ask again · ended: too late · not-applicable: e.g. release of what is not held. */
export type ActAnswer = "done" | "not-found" | "in-flight" | "ended" | "not-applicable";

/** too-far: beyond limits.scheduleAhead · beyond-secret: a secret (C0) would wait longer than it lives. */
export type RescheduleAnswer = ActAnswer | "too-far" | "beyond-secret";

/** What people may do to a message. `actor` is kept with the event: `api:app`, `operator:cli`. */
export type QueueActs = {
  cancel(tenant: string | null, spoolId: SpoolId, actor: string): Promise<ActAnswer>;
  hold(tenant: string | null, spoolId: SpoolId, actor: string): Promise<ActAnswer>;
  release(tenant: string | null, spoolId: SpoolId, actor: string): Promise<ActAnswer>;
  /** Due now, whether it waits for its next try or for its sendAt. */
  retry(tenant: string | null, spoolId: SpoolId, actor: string): Promise<ActAnswer>;
  /** Ends it as expired. */
  expire(tenant: string | null, spoolId: SpoolId, actor: string): Promise<ActAnswer>;
  /** Of a message that waits for its sendAt; in the past: now. */
  reschedule(tenant: string | null, spoolId: SpoolId, sendAt: number, actor: string): Promise<RescheduleAnswer>;
};
