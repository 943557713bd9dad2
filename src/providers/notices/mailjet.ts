import { type DeliveryEvent, type DeliveryEventType, deliveryEvent, type RejectReason } from "../../mail/index.ts";
import type { ReceiveWebhook } from "../events.ts";
import { type JsonRecord, listOf, numberOf, recordOf, textOf } from "../json-reading.ts";
import { oneLine } from "../webhook-proof.ts";
import { basicJson, idsIn, metadataIn } from "./basic-json.ts";

/** "Event tracking" (dev.mailjet.com/email/guides/webhooks), read as django-anymail does; seen 2026-11-25. */
const EVENTS: ReadonlyMap<string, DeliveryEventType> = new Map<string, DeliveryEventType>([
  ["sent", "delivered"],
  ["open", "opened"],
  ["click", "clicked"],
  ["bounce", "bounced"],
  ["blocked", "rejected"],
  ["spam", "complained"],
  ["unsub", "unsubscribed"],
]);
/** `error` of bounces and blocks. */
const ERRORS: ReadonlyMap<string, RejectReason> = new Map<string, RejectReason>([
  ["user unknown", "bounced"],
  ["mailbox inactive", "bounced"],
  ["quota exceeded", "bounced"],
  ["blacklisted", "blocked"],
  ["spam reporter", "spam"],
  ["invalid domain", "bounced"],
  ["no mail host", "bounced"],
  ["relay/access denied", "bounced"],
  ["greylisted", "other"], // and tried again
  ["typofix", "invalid"],
  ["sender blocked", "blocked"],
  ["content blocked", "blocked"],
  ["policy issue", "blocked"],
  ["preblocked", "blocked"],
  ["duplicate in campaign", "other"],
]);
const NO_ERROR: Partial<Record<DeliveryEventType, RejectReason>> = { complained: "spam", unsubscribed: "unsubscribed" };

const read = basicJson("mailjet", (json) => (Array.isArray(json) ? listOf(json) : [json]).map(eventOf));

/** A notice of Mailjet: one event, or many. Its message ids are numbers beyond 2^53, which JSON.parse would round. */
export const receive: ReceiveWebhook = (request, secrets, parts) => {
  const text = request.body.toString("utf8").replace(/"(MessageID|mj_message_id)"\s*:\s*(\d+)/g, '"$1":"$2"');
  return read({ ...request, body: Buffer.from(text) }, secrets, parts);
};

/** Mail that came in ("Parse API", dev.mailjet.com/email/guides/parse-api, seen 2026-11-25): a document of its own, without an event. */
const isReceived = (event: JsonRecord): boolean =>
  event["event"] === undefined && ["Recipient", "Headers", "Parts"].some((name) => Object.hasOwn(event, name));

function eventOf(given: unknown): DeliveryEvent {
  const event = recordOf(given);
  if (isReceived(event)) return deliveryEvent({ type: "inbound", recipient: textOf(event["Recipient"]) });
  const error = textOf(event["error"]);
  const said = EVENTS.get(textOf(event["event"]) ?? "") ?? "unknown";
  const type = error === "greylisted" && event["hard_bounce"] !== true ? "deferred" : said;
  const seconds = numberOf(event["time"]);
  const campaign = textOf(event["customcampaign"]);
  const metadata = metadataIn(event["Payload"]);
  return deliveryEvent({
    type,
    at: seconds === null ? null : seconds * 1000,
    recipient: textOf(event["email"]),
    providerMessageId: textOf(event["MessageID"]),
    ...idsIn(metadata),
    rejectReason: (error === null ? NO_ERROR[type] : ERRORS.get(error)) ?? null,
    bounce: type === "bounced" ? (event["hard_bounce"] === true ? "hard" : "soft") : null,
    mtaResponse: oneLine(textOf(event["smtp_reply"]) ?? textOf(event["comment"])),
    url: textOf(event["url"]),
    userAgent: oneLine(textOf(event["agent"])),
    tags: campaign === null ? [] : [campaign],
    metadata,
  });
}
