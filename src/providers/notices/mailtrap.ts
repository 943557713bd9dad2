import { type DeliveryEvent, type DeliveryEventType, deliveryEvent, type RejectReason } from "../../mail/index.ts";
import { listOf, numberOf, recordOf, textOf } from "../json-reading.ts";
import { oneLine } from "../webhook-proof.ts";
import { basicJson, idsIn, metadataOf } from "./basic-json.ts";

type Reading = { type: DeliveryEventType; reason?: RejectReason; bounce?: "hard" };

/** "Webhooks" (api-docs.mailtrap.io), read as django-anymail does; seen 2026-11-25. A soft bounce is tried again there. */
const EVENTS: ReadonlyMap<string, Reading> = new Map<string, Reading>([
  ["delivery", { type: "delivered" }],
  ["open", { type: "opened" }],
  ["click", { type: "clicked" }],
  ["bounce", { type: "bounced", reason: "bounced", bounce: "hard" }],
  ["soft bounce", { type: "deferred", reason: "other" }],
  ["suspension", { type: "deferred", reason: "other" }],
  ["reject", { type: "rejected", reason: "blocked" }],
  ["spam", { type: "complained", reason: "spam" }],
  ["unsubscribe", { type: "unsubscribed", reason: "unsubscribed" }],
]);

/** A notice of Mailtrap: many events. */
export const receive = basicJson("mailtrap", (json) => listOf(recordOf(json)["events"]).map(eventOf));

function eventOf(given: unknown): DeliveryEvent {
  const event = recordOf(given);
  const { type, reason, bounce } = EVENTS.get(textOf(event["event"]) ?? "") ?? { type: "unknown" };
  const seconds = numberOf(event["timestamp"]);
  const category = textOf(event["category"]);
  const metadata = metadataOf(event["custom_variables"]);
  return deliveryEvent({
    type,
    at: seconds === null ? null : seconds * 1000,
    recipient: textOf(event["email"]),
    eventId: textOf(event["event_id"]),
    providerMessageId: textOf(event["message_id"]),
    ...idsIn(metadata),
    rejectReason: reason ?? null,
    bounce: bounce ?? null,
    mtaResponse: oneLine(textOf(event["response"])),
    description: oneLine(textOf(event["reason"])),
    url: textOf(event["url"]),
    userAgent: oneLine(textOf(event["user_agent"])),
    tags: category === null ? [] : [category],
    metadata,
  });
}
