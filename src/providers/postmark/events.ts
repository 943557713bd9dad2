import { type DeliveryEvent, deliveryEvent, type DeliveryEventType, type RejectReason } from "../../mail/index.ts";
import type { ReceiveWebhook } from "../events.ts";
import { isoTimeOf, type JsonRecord, jsonOf, recordOf, textOf } from "../json-reading.ts";
import { isKnownCaller, oneLine, refused } from "../webhook-proof.ts";

/**
 * A notice of Postmark. It is not signed: all that tells it from anybody's is the password in its address
 * (postmarkapp.com/developer/webhooks/webhooks-overview, seen 2026-11-25), so what it says is a hint, to be confirmed by
 * asking (activity.ts) wherever something hangs on it. There is no time in it that a replay could be told by, and Postmark
 * itself repeats notices: the same one again is taken once.
 */
export const receive: ReceiveWebhook = (request, secrets, parts) => {
  if (secrets.basic === null) return refused(401, "no password is configured for this account's notices");
  if (!isKnownCaller(request, secrets.basic)) return refused(401, "wrong or missing password");
  const json = jsonOf(request.body);
  if (typeof json !== "object" || json === null || Array.isArray(json)) return refused(400, "malformed");
  const event = eventOf(recordOf(json));
  // The keys that Postmark's pages name for recognising one: message, recipient and time of the event.
  const key = [event.type, event.eventId, event.providerMessageId, event.recipient, event.at].join(" ");
  return parts.isNew(`postmark ${key}`) ? { kind: "events", events: [event] } : refused(403, "seen before");
};

type Reading = { type: DeliveryEventType; reason: RejectReason | null; bounce?: "hard" | "soft" };

/** RecordType of the webhook pages, seen 2026-11-25. */
const RECORDS: ReadonlyMap<string, Reading> = new Map<string, Reading>([
  ["Bounce", { type: "bounced", reason: null }], // Type says what it was
  ["Click", { type: "clicked", reason: null }],
  ["Delivery", { type: "delivered", reason: null }],
  ["Open", { type: "opened", reason: null }],
  ["SpamComplaint", { type: "complained", reason: "spam" }],
  ["SubscriptionChange", { type: "unsubscribed", reason: "unsubscribed" }], // SuppressionReason says why
]);

/** Type of a bounce (postmarkapp.com/developer/api/bounce-api#bounce-types, seen 2026-11-25); read as django-anymail does. */
const BOUNCES: ReadonlyMap<string, Reading> = new Map<string, Reading>([
  ["HardBounce", { type: "bounced", reason: "bounced", bounce: "hard" }],
  ["Transient", { type: "deferred", reason: null }],
  ["Unsubscribe", { type: "unsubscribed", reason: "unsubscribed" }],
  ["Subscribe", { type: "subscribed", reason: null }],
  ["AutoResponder", { type: "autoresponded", reason: null }],
  ["AddressChange", { type: "autoresponded", reason: null }],
  ["DnsError", { type: "deferred", reason: null }],
  ["SpamNotification", { type: "complained", reason: "spam" }],
  ["OpenRelayTest", { type: "deferred", reason: null }],
  ["Unknown", { type: "unknown", reason: null }],
  ["SoftBounce", { type: "bounced", reason: "bounced", bounce: "soft" }], // a hard one may follow
  ["VirusNotification", { type: "bounced", reason: "other" }],
  ["ChallengeVerification", { type: "autoresponded", reason: null }],
  ["BadEmailAddress", { type: "rejected", reason: "invalid" }],
  ["SpamComplaint", { type: "complained", reason: "spam" }],
  ["ManuallyDeactivated", { type: "rejected", reason: "blocked" }],
  ["Unconfirmed", { type: "rejected", reason: null }],
  ["Blocked", { type: "rejected", reason: "blocked" }],
  ["SMTPApiError", { type: "failed", reason: null }],
  ["InboundError", { type: "failed", reason: null }],
  ["DMARCPolicy", { type: "rejected", reason: "blocked" }],
  ["TemplateRenderingFailed", { type: "failed", reason: null }],
  ["ManualSuppression", { type: "unsubscribed", reason: "unsubscribed" }],
]);
const UNKNOWN: Reading = { type: "unknown", reason: null };
const SUBSCRIBED: Reading = { type: "subscribed", reason: null };

/** Mail that came in has no RecordType (postmarkapp.com/developer/webhooks/inbound-webhook, seen 2026-11-25), but one of these. */
const OF_RECEIVED_MAIL = ["Headers", "Attachments", "FromFull", "ToFull", "OriginalRecipient", "RawEmail", "TextBody"];
const isReceived = (notice: JsonRecord): boolean =>
  notice["RecordType"] === "Inbound" ||
  (notice["RecordType"] === undefined && OF_RECEIVED_MAIL.some((name) => Object.hasOwn(notice, name)));

function readingOf(notice: JsonRecord): Reading {
  const record = textOf(notice["RecordType"]);
  const reading = (record === null ? undefined : RECORDS.get(record)) ?? UNKNOWN;
  switch (record) {
    case "Bounce":
    case "SpamComplaint":
      return BOUNCES.get(textOf(notice["Type"]) ?? "") ?? reading;
    case "SubscriptionChange":
      if (notice["SuppressSending"] !== true) return SUBSCRIBED;
      return BOUNCES.get(textOf(notice["SuppressionReason"]) ?? "") ?? reading;
    default:
      return reading;
  }
}

/** Its time is the one its author wrote, which says nothing of when it came. */
const received = (notice: JsonRecord): DeliveryEvent =>
  deliveryEvent({
    type: "inbound",
    recipient: textOf(notice["OriginalRecipient"]),
    eventId: textOf(notice["MessageID"]),
  });

function eventOf(notice: JsonRecord): DeliveryEvent {
  if (isReceived(notice)) return received(notice);
  const { type, reason, bounce } = readingOf(notice);
  const metadata = metadataOf(notice["Metadata"]);
  const tag = textOf(notice["Tag"]);
  return deliveryEvent({
    type,
    at: isoTimeOf(notice["DeliveredAt"] ?? notice["BouncedAt"] ?? notice["ReceivedAt"] ?? notice["ChangedAt"]),
    recipient: textOf(notice["Email"]) ?? textOf(notice["Recipient"]),
    eventId: textOf(notice["ID"]), // of bounces and complaints only
    providerMessageId: textOf(notice["MessageID"]),
    attemptId: metadata["postern_attempt"] ?? null,
    spoolId: metadata["postern_id"] ?? null,
    rejectReason: reason,
    bounce: bounce ?? null,
    mtaResponse: oneLine(textOf(notice["Details"])),
    description: oneLine(textOf(notice["Description"])),
    url: textOf(notice["OriginalLink"]),
    userAgent: oneLine(textOf(notice["UserAgent"])),
    tags: tag === null ? [] : [tag],
    metadata,
  });
}

/** Values are texts in notices ("Custom metadata FAQ"); what is none is left out. */
const metadataOf = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(recordOf(value)).flatMap(([name, one]) => {
      const text = textOf(one);
      return text === null ? [] : [[name, text]];
    }),
  );
