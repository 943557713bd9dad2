/**
 * In whose words a tenant's webhook hears of events: Postern's own, or those of a provider for which its receiver was
 * written. What each calls an event stands here once; how it is written and signed is notify/dialects.
 */
export const WEBHOOK_FORMATS = ["postern", "mandrill", "sendgrid", "postmark", "mailgun", "resend", "ses"] as const;
export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number];
export type VendorFormat = Exclude<WebhookFormat, "postern">;

/** What providers tell apart. One event of ours may be one of several: a refusal speaks of the mailbox or of the message. */
export type Happening =
  | "accepted"
  | "handed-off"
  | "delivered"
  /** No provider took it yet. */
  | "deferred"
  /** A provider has it, and the receiving server did not take it yet. */
  | "delayed"
  /** There is no such mailbox. */
  | "bounced-hard"
  /** The mailbox did not take it, and may take another one. */
  | "bounced-soft"
  /** Refused for what the message is, not for whom it is for. */
  | "refused"
  | "expired"
  | "suppressed"
  | "complained"
  | "opened"
  | "clicked"
  | "unsubscribed";

/** What an event can be. Events that are not here are Postern's own matter: no provider has a word for them. */
export const HAPPENINGS_OF: Readonly<Record<string, readonly Happening[]>> = {
  "message.accepted": ["accepted"],
  "message.handed-off": ["handed-off"],
  "message.delivered": ["delivered"],
  "message.deferred": ["deferred"],
  "message.delayed": ["delayed"],
  "message.bounced": ["bounced-hard", "bounced-soft"],
  "message.rejected": ["bounced-hard", "bounced-soft", "refused", "suppressed"],
  "message.expired": ["expired"],
  "message.suppressed": ["suppressed"],
  "message.complained": ["complained"],
  "message.opened": ["opened"],
  "message.clicked": ["clicked"],
  "message.unsubscribed": ["unsubscribed"],
};

type Words = Readonly<Partial<Record<Happening, string>>>;

/**
 * Sources, seen 2026-11-25: Mandrill "Message Event Webhook Format"; SendGrid "Event Webhook reference"; Postmark
 * "Webhooks" (RecordType); Mailgun "Webhook Payloads"; Resend "Event Types"; SES "Contents of event data".
 * A word is missing where the provider has none, and where its word would make a receiver do the wrong thing: Postmark
 * tells a delay as a bounce of type Transient, and a try that goes on with another provider in the same second is none.
 */
export const VENDOR_WORDS: Readonly<Record<VendorFormat, Words>> = {
  mandrill: {
    "handed-off": "send",
    delivered: "delivered",
    deferred: "deferral",
    delayed: "deferral",
    "bounced-hard": "hard_bounce",
    "bounced-soft": "soft_bounce",
    refused: "reject",
    expired: "soft_bounce",
    suppressed: "reject",
    complained: "spam",
    opened: "open",
    clicked: "click",
    unsubscribed: "unsub",
  },
  sendgrid: {
    accepted: "processed",
    delivered: "delivered",
    deferred: "deferred",
    delayed: "deferred",
    "bounced-hard": "bounce",
    "bounced-soft": "bounce",
    refused: "dropped",
    expired: "bounce",
    suppressed: "dropped",
    complained: "spamreport",
    opened: "open",
    clicked: "click",
    unsubscribed: "unsubscribe",
  },
  postmark: {
    delivered: "Delivery",
    delayed: "Bounce",
    "bounced-hard": "Bounce",
    "bounced-soft": "Bounce",
    refused: "Bounce",
    expired: "Bounce",
    suppressed: "Bounce",
    complained: "SpamComplaint",
    opened: "Open",
    clicked: "Click",
    unsubscribed: "SubscriptionChange",
  },
  mailgun: {
    accepted: "accepted",
    delivered: "delivered",
    deferred: "failed",
    delayed: "failed",
    "bounced-hard": "failed",
    "bounced-soft": "failed",
    refused: "rejected",
    expired: "failed",
    suppressed: "failed",
    complained: "complained",
    opened: "opened",
    clicked: "clicked",
    unsubscribed: "unsubscribed",
  },
  resend: {
    "handed-off": "email.sent",
    delivered: "email.delivered",
    deferred: "email.delivery_delayed",
    delayed: "email.delivery_delayed",
    "bounced-hard": "email.bounced",
    "bounced-soft": "email.bounced",
    refused: "email.failed",
    expired: "email.failed",
    suppressed: "email.suppressed",
    complained: "email.complained",
    opened: "email.opened",
    clicked: "email.clicked",
  },
  ses: {
    accepted: "Send",
    delivered: "Delivery",
    deferred: "DeliveryDelay",
    delayed: "DeliveryDelay",
    "bounced-hard": "Bounce",
    "bounced-soft": "Bounce",
    refused: "Reject",
    expired: "Bounce",
    suppressed: "Bounce",
    complained: "Complaint",
    opened: "Open",
    clicked: "Click",
    unsubscribed: "Subscription",
  },
};

/** What a format may call an event, without repetition. */
export const wordsFor = (format: VendorFormat, kind: string): string[] => [
  ...new Set((HAPPENINGS_OF[kind] ?? []).flatMap((one) => VENDOR_WORDS[format][one] ?? [])),
];

const kindsWithWords = (format: WebhookFormat): string[] | null =>
  format === "postern" ? null : Object.keys(HAPPENINGS_OF).filter((kind) => wordsFor(format, kind).length > 0);
/** Once: it is asked for with every event. */
const TOLD = new Map(WEBHOOK_FORMATS.map((format) => [format, kindsWithWords(format)]));

/** Which events a webhook of a format can hear of; null: all there are. */
export const kindsTold = (format: WebhookFormat): readonly string[] | null => TOLD.get(format) ?? null;

/** @param webhook its format, and the events it asks for; null: all. */
export function hearsOf(webhook: { format: WebhookFormat; events: readonly string[] | null }, kind: string): boolean {
  if (webhook.events !== null && !webhook.events.includes(kind)) return false;
  return kindsTold(webhook.format)?.includes(kind) ?? true;
}
