import { type DeliveryEvent, type DeliveryEventType, deliveryEvent, type RejectReason } from "../../mail/index.ts";
import { listOf, numberOf, recordOf, textOf, textsOf } from "../json-reading.ts";
import { oneLine } from "../webhook-proof.ts";
import { basicJson, idsIn, metadataIn } from "./basic-json.ts";

type Reading = { type: DeliveryEventType; reason?: RejectReason; bounce?: "hard" | "soft" };

/** "Transactional webhooks" (developers.brevo.com), read as django-anymail does; seen 2026-11-25. */
const EVENTS: ReadonlyMap<string, Reading> = new Map<string, Reading>([
  ["request", { type: "queued" }],
  ["delivered", { type: "delivered" }],
  ["hard_bounce", { type: "bounced", reason: "bounced", bounce: "hard" }],
  ["soft_bounce", { type: "bounced", reason: "bounced", bounce: "soft" }],
  ["blocked", { type: "rejected", reason: "blocked" }],
  ["spam", { type: "complained", reason: "spam" }],
  ["complaint", { type: "complained", reason: "spam" }],
  ["invalid_email", { type: "bounced", reason: "invalid", bounce: "hard" }],
  ["deferred", { type: "deferred" }],
  ["opened", { type: "opened" }],
  ["unique_opened", { type: "opened" }],
  ["proxy_open", { type: "opened" }],
  ["unique_proxy_open", { type: "opened" }],
  ["click", { type: "clicked" }],
  ["unsubscribe", { type: "unsubscribed" }],
  ["list_addition", { type: "subscribed" }],
  ["error", { type: "failed" }],
]);

/** A notice of Brevo: one event; or mails that came in, as `items`. */
export const receive = basicJson("brevo", (json) => {
  const { items } = recordOf(json);
  return Array.isArray(items) ? items.map(received) : [eventOf(json)];
});

/** "Inbound parse webhooks" (developers.brevo.com/docs/inbound-parse-webhooks), read as django-anymail does. */
function received(given: unknown): DeliveryEvent {
  const item = recordOf(given);
  const at = Date.parse(textOf(item["SentAtDate"]) ?? "");
  return deliveryEvent({
    type: "inbound",
    at: Number.isNaN(at) ? null : at,
    recipient: textsOf(item["Recipients"])[0] ?? null,
    eventId: textsOf(item["Uuid"])[0] ?? null,
  });
}

function eventOf(json: unknown): DeliveryEvent {
  const notice = recordOf(json);
  const { type, reason, bounce } = EVENTS.get(textOf(notice["event"]) ?? "") ?? { type: "unknown" };
  const seconds = numberOf(notice["ts_event"]);
  const metadata = metadataIn(notice["X-Mailin-custom"]);
  const tags = [...listOf(notice["tags"]), ...(Array.isArray(notice["tag"]) ? listOf(notice["tag"]) : [notice["tag"]])];
  return deliveryEvent({
    type,
    at: numberOf(notice["ts_epoch"]) ?? (seconds === null ? null : seconds * 1000),
    recipient: textOf(notice["email"]),
    providerMessageId: textOf(notice["message-id"]),
    ...idsIn(metadata),
    rejectReason: reason ?? null,
    bounce: bounce ?? null,
    mtaResponse: oneLine(textOf(notice["reason"])),
    url: textOf(notice["link"]),
    userAgent: oneLine(textOf(notice["user_agent"])),
    tags: textsOf(tags),
    metadata,
  });
}
