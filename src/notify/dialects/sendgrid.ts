import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { VENDOR_WORDS } from "../../mail/index.ts";
import { type Dialect, json, labelsOf, seconds, NOT_KEPT, type Told } from "./dialect.ts";
import type { Telling } from "./telling.ts";

/**
 * SendGrid's Event Webhook: a JSON array of events; signed with ECDSA P-256 and SHA-256 over the time of the try and the
 * body's octets ("Event Webhook reference", "Getting started with the Event Webhook security features", seen 2026-11-25).
 * The secret is the private key as PEM; the application has the public one.
 */
export const sendgrid: Dialect = {
  recipientsAtOnce: 500,
  enough: [],
  notice(telling, told, { secret }, now) {
    const body = json(told.map((one) => eventOf(telling, one)));
    const timestamp = String(seconds(now));
    const signature = sign("sha256", Buffer.concat([Buffer.from(timestamp), body]), createPrivateKey(secret.reveal()));
    return {
      headers: {
        "content-type": "application/json",
        "x-twilio-email-event-webhook-signature": signature.toString("base64"),
        "x-twilio-email-event-webhook-timestamp": timestamp,
        "user-agent": "SendGrid Event API (Postern)",
      },
      body,
    };
  },
};

/** What an application verifies with, as SendGrid's settings page shows it: SPKI, DER, base64. */
export const publicKeyText = (privatePem: string): string =>
  createPublicKey(createPrivateKey(privatePem) as KeyObject)
    .export({ format: "der", type: "spki" })
    .toString("base64");

function eventOf(telling: Telling, { address, n }: Told): Record<string, unknown> {
  const { facts } = telling;
  const { tags, metadata } = labelsOf(facts);
  const { _batch: _, ...own } = metadata; // as accept/compat/sendgrid keeps it
  return {
    ...own, // custom arguments stand beside the fields, and never in their place
    email: address,
    timestamp: seconds(facts.at),
    "smtp-id": facts.headerMessageId,
    event: VENDOR_WORDS.sendgrid[telling.happening],
    ...(tags.length > 0 ? { category: tags } : {}),
    sg_event_id: createHash("sha256").update(`${facts.spoolId} ${facts.eventId} ${n}`).digest("base64url").slice(0, 22),
    sg_message_id: `${facts.spoolId}.recvd-postern-${n}.0`, // begins with what X-Message-Id was
    ...particularsOf(telling),
  };
}

function particularsOf({ happening, said, status, attempt, url, userAgent }: Telling): Record<string, unknown> {
  switch (happening) {
    case "delivered":
      return { response: said, tls: 1 };
    case "deferred":
    case "delayed":
      return { response: said, attempt: String(attempt) };
    case "bounced-hard":
      return { type: "bounce", bounce_classification: "Invalid Address", reason: said, status: status ?? "5.1.1" };
    case "bounced-soft":
      return { type: "blocked", bounce_classification: "Unclassified", reason: said, status: status ?? "5.0.0" };
    case "expired":
      return { type: "expired", bounce_classification: "Unclassified", reason: said, status: status ?? "4.4.7" };
    case "refused":
      return { reason: said, status: status ?? "5.0.0" };
    case "suppressed":
      return { reason: "Suppressed Address", status: "5.0.0" };
    case "opened":
      return { useragent: userAgent, ip: NOT_KEPT, sg_machine_open: false };
    case "clicked":
      return { useragent: userAgent, ip: NOT_KEPT, url, url_offset: { index: 0, type: "html" } };
    default:
      return {};
  }
}
