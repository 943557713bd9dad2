import { createHash } from "node:crypto";
import { type DeliveryEvent, type DeliveryEventType, deliveryEvent, type RejectReason } from "../../mail/index.ts";
import type { ReceiveWebhook } from "../events.ts";
import { isoTimeOf, jsonOf, type JsonRecord, listOf, recordOf, textOf } from "../json-reading.ts";
import { isKnownCaller, oneLine, refused, sameSecret } from "../webhook-proof.ts";
import { idsIn, metadataOf } from "./basic-json.ts";

/** Status ("Event callback format", godocs.unisender.com), read as django-anymail does; seen 2026-11-25. */
const STATUSES: ReadonlyMap<string, DeliveryEventType> = new Map<string, DeliveryEventType>([
  ["sent", "sent"],
  ["delivered", "delivered"],
  ["opened", "opened"],
  ["clicked", "clicked"],
  ["unsubscribed", "unsubscribed"],
  ["subscribed", "subscribed"],
  ["spam", "complained"],
  ["soft_bounced", "deferred"], // and tried again
  ["hard_bounced", "bounced"],
]);
const REASONS: ReadonlyMap<string, RejectReason> = new Map<string, RejectReason>([
  ["err_user_unknown", "invalid"],
  ["err_user_inactive", "invalid"],
  ["err_mailbox_discarded", "invalid"],
  ["err_domain_inactive", "invalid"],
  ["err_mailbox_full", "bounced"],
  ["err_will_retry", "bounced"],
  ["err_unreachable", "bounced"],
  ["err_destination_misconfigured", "bounced"],
  ["err_spam_rejected", "spam"],
  ["err_spam_skipped", "spam"],
  ["err_blacklisted", "blocked"],
  ["err_too_large", "blocked"],
  ["err_skip_letter", "blocked"],
  ["err_unsubscribed", "unsubscribed"],
]);

/**
 * A notice of Unisender Go. Its proof is in its body: the MD5 of the body as it would read with the API key in the place of
 * that proof. Looked at in the octets that came, so however the JSON is written.
 */
export const receive: ReceiveWebhook = (request, secrets, parts) => {
  if (!isKnownCaller(request, secrets.basic)) return refused(401, "unknown caller");
  if (secrets.key === null) return refused(401, "no API key is configured for this account");
  const json = jsonOf(request.body);
  if (typeof json !== "object" || json === null) return refused(400, "malformed");
  const given = textOf(recordOf(json)["auth"]);
  if (given === null || !/^[0-9a-f]{32}$/.test(given)) return refused(401, "no proof");
  const { key } = secrets;
  const expected = createHash("md5")
    .update(request.body.toString("utf8").replace(given, () => key))
    .digest("hex");
  if (!sameSecret(given, expected)) return refused(401, "wrong proof");
  return parts.isNew(`unisender-go ${given}`)
    ? { kind: "events", events: eventsIn(recordOf(json)) }
    : refused(403, "seen before");
};

/** Events of many users, or a single one that is the notice itself. */
function eventsIn(notice: JsonRecord): DeliveryEvent[] {
  const all =
    "events_by_user" in notice
      ? listOf(notice["events_by_user"]).flatMap((user) => listOf(recordOf(user)["events"]))
      : [{ event_name: notice["event_name"], event_data: notice }];
  return all.flatMap((one) => {
    const { event_name: name, event_data: data } = recordOf(one);
    return name === "transactional_email_status" ? [eventOf(recordOf(data))] : [];
  });
}

function eventOf(data: JsonRecord): DeliveryEvent {
  const info = recordOf(data["delivery_info"]);
  const said = textOf(info["delivery_status"]);
  const type = STATUSES.get(textOf(data["status"]) ?? "") ?? "unknown";
  const metadata = metadataOf(data["metadata"]);
  const time = textOf(data["event_time"]);
  return deliveryEvent({
    type,
    at: time === null ? null : isoTimeOf(`${time}Z`), // "event date & time in UTC"
    recipient: textOf(data["email"]),
    providerMessageId: textOf(data["job_id"]),
    ...idsIn(metadata),
    rejectReason: said?.startsWith("err") ? (REASONS.get(said) ?? "other") : type === "complained" ? "spam" : null,
    bounce: type === "bounced" ? "hard" : null,
    mtaResponse: oneLine(textOf(info["destination_response"])),
    description: oneLine(said ?? textOf(data["comment"])),
    url: textOf(data["url"]),
    userAgent: oneLine(textOf(info["user_agent"])),
    metadata,
  });
}
