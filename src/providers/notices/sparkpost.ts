import { type DeliveryEvent, type DeliveryEventType, deliveryEvent, type RejectReason } from "../../mail/index.ts";
import { isoTimeOf, listOf, recordOf, textOf, textsOf } from "../json-reading.ts";
import { oneLine } from "../webhook-proof.ts";
import { basicJson, idsIn, metadataOf } from "./basic-json.ts";

/** "Webhook event types" (developers.sparkpost.com/api/webhooks), read as django-anymail does; seen 2026-11-25. */
const EVENTS: ReadonlyMap<string, DeliveryEventType> = new Map<string, DeliveryEventType>([
  ["injection", "queued"],
  ["delivery", "delivered"],
  ["delay", "deferred"],
  ["bounce", "bounced"],
  ["out_of_band", "bounced"],
  ["policy_rejection", "rejected"],
  ["generation_rejection", "rejected"],
  ["generation_failure", "failed"],
  ["spam_complaint", "complained"],
  ["open", "opened"],
  ["amp_open", "opened"],
  ["click", "clicked"],
  ["amp_click", "clicked"],
  ["list_unsubscribe", "unsubscribed"],
  ["link_unsubscribe", "unsubscribed"],
]);

type Class = { reason: RejectReason; type?: DeliveryEventType; bounce?: "hard" | "soft" };
/** "Bounce classification codes" (support.sparkpost.com/docs/deliverability). */
const CLASSES: ReadonlyMap<string, Class> = new Map<string, Class>([
  ["1", { reason: "other" }], // undetermined
  ["10", { reason: "invalid", bounce: "hard" }], // invalid recipient
  ["20", { reason: "bounced", bounce: "soft" }],
  ["21", { reason: "bounced", bounce: "soft" }], // DNS
  ["22", { reason: "bounced", bounce: "soft" }], // mailbox full
  ["23", { reason: "bounced", bounce: "soft" }], // too large
  ["24", { reason: "timed_out", bounce: "soft" }],
  ["25", { reason: "blocked" }], // failed by the administrators
  ["30", { reason: "bounced", bounce: "hard" }], // no recipient
  ["40", { reason: "bounced", bounce: "soft" }],
  ["50", { reason: "blocked" }],
  ["51", { reason: "spam" }],
  ["52", { reason: "spam" }],
  ["53", { reason: "other" }], // attachment
  ["54", { reason: "blocked" }], // relaying
  ["60", { reason: "other", type: "autoresponded" }],
  ["70", { reason: "bounced", bounce: "soft" }],
  ["80", { reason: "other", type: "subscribed" }],
  ["90", { reason: "unsubscribed", type: "unsubscribed" }],
  ["100", { reason: "other", type: "autoresponded" }], // challenge and response
]);

/** A notice of SparkPost: many events, each in a family of its own name; a ping has none. */
export const receive = basicJson("sparkpost", (json) =>
  listOf(json).flatMap((one) => {
    const [family] = Object.entries(recordOf(recordOf(one)["msys"]));
    if (family === undefined) return [];
    return [family[0] === "relay_message" ? received(family[1]) : eventOf(family[1])];
  }),
);

/** Mail that came in ("Relay webhooks", developers.sparkpost.com/api/relay-webhooks, seen 2026-11-25). */
const received = (message: unknown): DeliveryEvent =>
  deliveryEvent({ type: "inbound", recipient: textOf(recordOf(message)["rcpt_to"]) });

function eventOf(given: unknown): DeliveryEvent {
  const event = recordOf(given);
  const said = EVENTS.get(textOf(event["type"]) ?? "") ?? "unknown";
  const bounced = CLASSES.get(textOf(event["bounce_class"]) ?? "");
  const seconds = Number(textOf(event["timestamp"]) ?? Number.NaN);
  const metadata = metadataOf(event["rcpt_meta"]);
  const type = bounced?.type ?? said;
  return deliveryEvent({
    type,
    at: Number.isNaN(seconds) ? isoTimeOf(event["timestamp"]) : seconds * 1000,
    recipient: textOf(event["raw_rcpt_to"]) ?? textOf(event["rcpt_to"]),
    eventId: textOf(event["event_id"]),
    providerMessageId: textOf(event["transmission_id"]),
    ...idsIn(metadata),
    rejectReason: bounced?.reason ?? (type === "complained" ? "spam" : null),
    bounce: type === "bounced" ? (bounced?.bounce ?? null) : null,
    mtaResponse: oneLine(textOf(event["raw_reason"])),
    url: textOf(event["target_link_url"]),
    userAgent: oneLine(textOf(event["user_agent"])),
    tags: textsOf([event["campaign_id"], ...listOf(event["rcpt_tags"])]),
    metadata,
  });
}
