/**
 * One observation about a message that a provider took, whatever dialect it came in. The words are those of the field;
 * what a provider says beyond them is kept in `description`, and the raw notice by its hash.
 */
export const DELIVERY_EVENT_TYPES = [
  "queued",
  "sent",
  "delivered",
  "deferred",
  "bounced",
  "rejected",
  "complained",
  "opened",
  "clicked",
  "unsubscribed",
  "subscribed",
  "autoresponded",
  "failed",
  "inbound",
  "unknown",
] as const;
export type DeliveryEventType = (typeof DELIVERY_EVENT_TYPES)[number];

/** Why it did not arrive. */
export const REJECT_REASONS = ["invalid", "bounced", "timed_out", "blocked", "spam", "unsubscribed", "other"] as const;
export type RejectReason = (typeof REJECT_REASONS)[number];

export type DeliveryEvent = {
  type: DeliveryEventType;
  /** Milliseconds since the epoch; null where the provider does not say. */
  at: number | null;
  recipient: string | null;
  /** The provider's own id of the event, to recognise it when it comes again. */
  eventId: string | null;
  providerMessageId: string | null;
  /** Ours, as we gave them along (custom argument, metadata, tag); null where they did not come back. */
  attemptId: string | null;
  spoolId: string | null;
  rejectReason: RejectReason | null;
  /** hard: never again · soft: perhaps later. Only of bounced. */
  bounce: "hard" | "soft" | null;
  /** What the receiving server said, one line, at most 300 characters. */
  mtaResponse: string | null;
  description: string | null;
  /** Of clicked. */
  url: string | null;
  userAgent: string | null;
  tags: string[];
  metadata: Record<string, string>;
};

/** An event of which only what is given is known. */
export const deliveryEvent = (given: Partial<DeliveryEvent> & Pick<DeliveryEvent, "type">): DeliveryEvent => ({
  at: null,
  recipient: null,
  eventId: null,
  providerMessageId: null,
  attemptId: null,
  spoolId: null,
  rejectReason: null,
  bounce: null,
  mtaResponse: null,
  description: null,
  url: null,
  userAgent: null,
  tags: [],
  metadata: {},
  ...given,
});
