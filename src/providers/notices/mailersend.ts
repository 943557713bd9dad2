import { createHmac } from "node:crypto";
import { type DeliveryEvent, type DeliveryEventType, deliveryEvent, type RejectReason } from "../../mail/index.ts";
import type { ReceiveWebhook } from "../events.ts";
import { isoTimeOf, jsonOf, type JsonRecord, listOf, recordOf, textOf, textsOf } from "../json-reading.ts";
import { isKnownCaller, oneLine, refused, sameSecret } from "../webhook-proof.ts";

type Reading = { type: DeliveryEventType; reason?: RejectReason; bounce?: "hard" | "soft" };

/** "Webhooks" (developers.mailersend.com), read as django-anymail does; seen 2026-11-25. */
const EVENTS: ReadonlyMap<string, Reading> = new Map<string, Reading>([
  ["queued", { type: "queued" }],
  ["sent", { type: "sent" }],
  ["delivered", { type: "delivered" }],
  ["deferred", { type: "deferred" }],
  ["soft_bounced", { type: "bounced", reason: "bounced", bounce: "soft" }],
  ["hard_bounced", { type: "bounced", reason: "bounced", bounce: "hard" }],
  ["opened", { type: "opened" }],
  ["opened_unique", { type: "opened" }],
  ["clicked", { type: "clicked" }],
  ["clicked_unique", { type: "clicked" }],
  ["unsubscribed", { type: "unsubscribed", reason: "unsubscribed" }],
  ["spam_complaint", { type: "complained", reason: "spam" }],
  ["spam_complaints", { type: "complained", reason: "spam" }],
  ["suppressed", { type: "rejected", reason: "blocked" }],
]);

/**
 * A notice of MailerSend, signed with HMAC-SHA256 in hexadecimal over its body ("Security", developers.mailersend.com). There is
 * no time in what is signed: the same signature again is taken once.
 */
export const receive: ReceiveWebhook = (request, secrets, parts) => {
  if (!isKnownCaller(request, secrets.basic)) return refused(401, "unknown caller");
  if (secrets.key === null) return refused(401, "no signing secret is configured for this account");
  const signature = request.headers["signature"];
  if (signature === undefined) return refused(401, "no signature");
  const expected = createHmac("sha256", secrets.key).update(request.body).digest("hex");
  if (!sameSecret(signature, expected)) return refused(401, "wrong signature");
  const json = jsonOf(request.body);
  if (typeof json !== "object" || json === null) return refused(400, "malformed");
  return parts.isNew(`mailersend ${expected}`)
    ? { kind: "events", events: eventsOf(recordOf(json)) }
    : refused(403, "seen before");
};

function eventsOf(notice: JsonRecord): DeliveryEvent[] {
  if (notice["type"] === "webhook.test") return [];
  return [notice["type"] === "inbound.message" ? received(recordOf(notice["data"])) : eventOf(notice)];
}

/** "Inbound routing" (developers.mailersend.com/api/v1/inbound.html): signed with a secret of that route's own. */
function received(data: JsonRecord): DeliveryEvent {
  const [first] = listOf(recordOf(data["recipients"])["rcptTo"]);
  return deliveryEvent({
    type: "inbound",
    at: isoTimeOf(data["created_at"]),
    recipient: textOf(recordOf(first)["email"]),
    eventId: textOf(data["id"]),
  });
}

/** In the format of 2026, or in the one before it, where what is about the mail stands in `email` and the rest in `morph`. */
function eventOf(notice: JsonRecord): DeliveryEvent {
  const data = recordOf(notice["data"]);
  const email = recordOf(data["email"]);
  const more = "email" in data ? recordOf(data["morph"]) : recordOf(data["meta"]);
  const { type, reason, bounce } = EVENTS.get(textOf(data["type"]) ?? "") ?? { type: "unknown" };
  const why = [
    "readable_reason",
    "reason",
    "bounce_reason",
    "reject_reason",
    "suppression_reason",
    "unsubscribe_reason",
  ];
  return deliveryEvent({
    type,
    at: isoTimeOf(data["created_at"]) ?? isoTimeOf(notice["created_at"]),
    recipient: textOf(recordOf(email["recipient"])["email"]) ?? textOf(data["recipient"]),
    eventId: textOf(data["id"]),
    providerMessageId: textOf(recordOf(email["message"])["id"]) ?? textOf(data["message_id"]),
    rejectReason: reason ?? null,
    bounce: bounce ?? null,
    description: oneLine(why.map((name) => textOf(more[name])).find((text) => text !== null) ?? null),
    mtaResponse: oneLine(textOf(more["bounce_code"])),
    url: textOf(more["url"]),
    userAgent: oneLine(textOf(more["user_agent"])),
    tags: textsOf(email["tags"] ?? data["tags"]),
  });
}
