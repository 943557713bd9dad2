import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { type DeliveryEvent, type DeliveryEventType, deliveryEvent } from "../../mail/index.ts";
import type { ReceiveWebhook } from "../events.ts";
import { jsonOf, numberOf, recordOf, textOf } from "../json-reading.ts";
import { isKnownCaller, oneLine, refused } from "../webhook-proof.ts";

/** Status of a delivery (docs.postalserver.io/developer/webhooks), read as django-anymail does; seen 2026-11-25. */
const STATUSES: ReadonlyMap<string, DeliveryEventType> = new Map<string, DeliveryEventType>([
  ["Sent", "delivered"],
  ["SoftFail", "deferred"],
  ["HardFail", "failed"],
  ["Held", "queued"],
]);

/**
 * A notice of Postal, signed by the installation's key (RSA, SHA-1: Postal knows no other) over its body. Without a time in
 * what is signed; the same octets again are taken once. A status of mail that came in is no event of ours.
 */
export const receive: ReceiveWebhook = (request, secrets, parts) => {
  if (!isKnownCaller(request, secrets.basic)) return refused(401, "unknown caller");
  const key = secrets.key === null ? null : publicKeyOf(secrets.key);
  if (key === null) return refused(401, "no public key is configured for this account");
  const signature = Buffer.from(request.headers["x-postal-signature"] ?? "", "base64");
  if (!verify("sha1", request.body, key, signature)) return refused(401, "wrong or missing signature");
  const json = jsonOf(request.body);
  if (typeof json !== "object" || json === null) return refused(400, "malformed");
  const seen = createHash("sha256").update(request.body).digest("hex");
  return parts.isNew(`postal ${seen}`) ? { kind: "events", events: eventsIn(json) } : refused(403, "seen before");
};

/** As PEM, or as the base64 of one, which is what Postal's DNS record shows. */
function publicKeyOf(text: string): KeyObject | null {
  try {
    return createPublicKey(
      text.includes("-----BEGIN")
        ? text
        : { key: Buffer.from(text.replace(/\s+/g, ""), "base64"), format: "der", type: "spki" },
    );
  } catch {
    return null;
  }
}

function eventsIn(json: object): DeliveryEvent[] {
  const notice = recordOf(json);
  // A route's HTTP endpoint (docs.postalserver.io/developer/http-payloads): the message itself, with its envelope.
  if (!("payload" in notice) && textOf(notice["rcpt_to"]) !== null) {
    const [recipient, eventId] = [textOf(notice["rcpt_to"]), textOf(notice["id"])];
    return [deliveryEvent({ type: "inbound", recipient, eventId })];
  }
  const payload = recordOf(notice["payload"]);
  const message = recordOf(payload["message"] ?? payload["original_message"]);
  if (message["direction"] === "incoming") return [];
  const seconds = numberOf(notice["timestamp"]);
  const status = textOf(payload["status"]);
  const type = status === null ? typeOf(payload) : (STATUSES.get(status) ?? "unknown");
  return [
    deliveryEvent({
      type,
      at: seconds === null ? null : Math.floor(seconds) * 1000,
      recipient: textOf(message["to"]),
      eventId: textOf(notice["uuid"]),
      providerMessageId: textOf(message["id"]),
      description: oneLine(textOf(payload["details"])),
      mtaResponse: oneLine(textOf(payload["output"])),
      url: textOf(payload["url"]),
      userAgent: oneLine(textOf(payload["user_agent"])),
      ...markIn(textOf(message["tag"])),
      ...(type === "bounced" ? { rejectReason: "bounced" as const } : {}),
    }),
  ];
}

/** The tag is the one thing of ours that Postal gives back (smtp/marks.ts). */
function markIn(tag: string | null): Pick<DeliveryEvent, "tags" | "spoolId" | "attemptId"> {
  const [, spoolId = null, attemptId = null] = /^postern (\S{1,64}) (\S{1,64})$/.exec(tag ?? "") ?? [];
  return { spoolId, attemptId, tags: tag === null || spoolId !== null ? [] : [tag] };
}

const typeOf = (payload: Readonly<Record<string, unknown>>): DeliveryEventType =>
  "bounce" in payload ? "bounced" : "url" in payload ? "clicked" : "unknown";
