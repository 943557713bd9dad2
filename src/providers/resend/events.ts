import { createHmac } from "node:crypto";
import { type DeliveryEvent, type DeliveryEventType, deliveryEvent, type RejectReason } from "../../mail/index.ts";
import type { ReceiveWebhook } from "../events.ts";
import { isoTimeOf, type JsonRecord, jsonOf, listOf, recordOf, textOf, textsOf } from "../json-reading.ts";
import { isKnownCaller, isWithinWindow, oneLine, refused, sameSecret } from "../webhook-proof.ts";

/** Resend's list of events (its OpenAPI document of 2026, seen 2026-11-24). */
const TYPES: ReadonlyMap<string, DeliveryEventType> = new Map([
  ["email.sent", "sent"],
  ["email.delivered", "delivered"],
  ["email.delivery_delayed", "deferred"],
  ["email.complained", "complained"],
  ["email.bounced", "bounced"],
  ["email.opened", "opened"],
  ["email.clicked", "clicked"],
  ["email.failed", "failed"],
  ["email.scheduled", "queued"],
  ["email.suppressed", "rejected"],
  ["email.received", "inbound"],
]);

/**
 * A notice of Resend, signed as Svix does ("Verifying webhooks manually", docs.svix.com; Resend "Verify webhooks requests",
 * seen 2026-11-24): HMAC-SHA256 in base64 over `id.timestamp.body`, the key in base64 behind `whsec_`. While a key is changed
 * over, the header carries several signatures.
 */
export const receive: ReceiveWebhook = (request, secrets, parts) => {
  if (!isKnownCaller(request, secrets.basic)) return refused(401, "unknown caller");
  if (secrets.key === null) return refused(401, "no signing secret is configured for this account");
  const { "svix-id": id, "svix-timestamp": timestamp, "svix-signature": signature } = request.headers;
  if (!id || !timestamp || !signature) return refused(401, "no signature");
  const key = Buffer.from(secrets.key.replace(/^whsec_/, ""), "base64");
  if (key.length === 0) return refused(401, "the configured signing secret is no base64");
  const expected = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(request.body).digest("base64");
  const isGenuine = signature
    .split(" ")
    .some((one) => one.startsWith("v1,") && sameSecret(one.slice("v1,".length), expected));
  if (!isGenuine) return refused(401, "wrong signature");
  if (!isWithinWindow(timestamp, parts.now)) return refused(403, "too old");
  // An id stays when Svix sends the same notice once more, so that a repetition is not told from a replay: both are known already.
  if (!parts.isNew(`resend ${id}`)) return refused(403, "seen before");
  const notice = recordOf(jsonOf(request.body));
  const type = textOf(notice["type"]);
  if (type === null) return refused(400, "malformed");
  return { kind: "events", events: [eventOf(type, notice, id)] };
};

function eventOf(name: string, notice: JsonRecord, eventId: string): DeliveryEvent {
  const data = recordOf(notice["data"]);
  const type = TYPES.get(name) ?? "unknown";
  const click = recordOf(data["click"]);
  const trouble = recordOf(data["bounce"] ?? data["suppressed"] ?? data["failed"]);
  const tags = tagsOf(data["tags"]);
  const fields = listOf(data["headers"]).map(recordOf);
  const message = textOf(trouble["message"]);
  return deliveryEvent({
    type,
    at: isoTimeOf(notice["created_at"]),
    eventId,
    // "Impacted recipients", one notice each: of several the first is all that can be said.
    recipient: addressIn(textsOf(data["to"])[0] ?? null),
    providerMessageId: textOf(data["email_id"]),
    // Over SMTP there are no tags; the fields of our own are given back.
    attemptId: tags["postern_attempt"] ?? valueOf(fields, "x-postern-attempt"),
    spoolId: tags["postern_id"] ?? valueOf(fields, "x-postern-id"),
    rejectReason: reasonOf(
      type,
      textOf(trouble["type"]),
      textOf(trouble["subType"]),
      message,
      textOf(trouble["reason"]),
    ),
    bounce: type === "bounced" ? bounceOf(textOf(trouble["type"])) : null,
    mtaResponse: oneLine(textsOf(trouble["diagnosticCode"])[0] ?? null),
    description: oneLine(message ?? textOf(trouble["reason"])),
    url: textOf(click["link"]),
    userAgent: textOf(click["userAgent"]),
    tags: xTags(fields),
    metadata: xMetadata(fields) ?? tags,
  });
}

const bounceOf = (type: string | null): "hard" | "soft" | null => {
  if (type === "Permanent") return "hard";
  return type === "Transient" ? "soft" : null;
};

/** By type and sub-type where they are given (since 2024); older notices have a sentence only. */
function reasonOf(
  event: DeliveryEventType,
  type: string | null,
  subType: string | null,
  message: string | null,
  reason: string | null,
): RejectReason | null {
  if (event === "rejected") return reason === "previous_complaint" ? "spam" : "blocked";
  if (event === "failed") return "other";
  if (event !== "bounced") return null;
  if (subType === "ContentRejected" || subType === "AttachmentRejected") return "blocked";
  if (type !== null) return type === "Undetermined" ? "other" : "bounced";
  if (message?.includes("suppressed sending")) return "blocked";
  return message === null || message.includes("bounce message") ? "bounced" : "other";
}

/** Tags by name: an object in notices, a list in answers of the API. */
export function tagsOf(value: unknown): Record<string, string> {
  const pairs = Array.isArray(value)
    ? listOf(value).map((one) => [recordOf(one)["name"], recordOf(one)["value"]])
    : Object.entries(recordOf(value));
  return Object.fromEntries(pairs.flatMap(([name, text]) => (typeof text === "string" ? [[String(name), text]] : [])));
}

type Fields = readonly JsonRecord[];
const valueOf = (fields: Fields, name: string): string | null =>
  textOf(fields.find((one) => textOf(one["name"])?.toLowerCase() === name)?.["value"]);
const fieldOf = (fields: Fields, name: string): unknown => jsonOf(valueOf(fields, name) ?? "");
/** X-Tags and X-Metadata: how other gateways send along what Resend's tags cannot hold. Kept as they are. */
const xTags = (fields: Fields): string[] => textsOf(fieldOf(fields, "x-tags"));
function xMetadata(fields: Fields): Record<string, string> | null {
  const values = Object.entries(recordOf(fieldOf(fields, "x-metadata")));
  if (values.length === 0) return null;
  return Object.fromEntries(
    values.map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

const addressIn = (text: string | null): string | null =>
  text === null ? null : (/<([^<>\s]+)>\s*$/.exec(text)?.[1] ?? text.trim());
