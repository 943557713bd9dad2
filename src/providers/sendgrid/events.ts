import { createHash } from "node:crypto";
import { type DeliveryEvent, readForm } from "../../mail/index.ts";
import type { ReceiveWebhook, WebhookAnswer, WebhookParts, WebhookRequest, WebhookSecrets } from "../events.ts";
import { jsonOf } from "../json-reading.ts";
import { isKnownCaller, isWithinWindow, refused } from "../webhook-proof.ts";
import { eventOf } from "./event.ts";
import { receivedIn } from "./inbound.ts";
import { isSignedBy, publicKeyOf, SIGNATURE_HEADER, TIMESTAMP_HEADER } from "./signature.ts";

/** A notice holds some hundreds of events: it is sent when it reaches 768 KB (Event Webhook reference, seen 2026-11-25). */
const EVENTS = 10_000;

/**
 * A notice of SendGrid's Event Webhook; or, as a form, of its Inbound Parse Webhook, which is signed the same way where it is.
 * 1. Known by signature and time, by HTTP Basic, or by both where both are set.  2. Only then parsed: an array of events.
 * 3. An event that was seen before (`sg_event_id`) is left out: SendGrid sends whole notices again until it gets a 2xx.
 */
export const receive: ReceiveWebhook = (request, secrets, parts) => answerTo(request, secrets, parts, isWithinWindow);

/**
 * The same for a recording that somebody looks into: its age says nothing, and the tools that make recordings write octets
 * down as Python shows them (`b'MEUC…'`). Never for what comes over the wire.
 */
export const readRecorded: ReceiveWebhook = (request, secrets, parts) => {
  const signature = request.headers[SIGNATURE_HEADER]?.replace(/^b'(.*)'$/, "$1");
  const headers = signature === undefined ? request.headers : { ...request.headers, [SIGNATURE_HEADER]: signature };
  return answerTo({ ...request, headers }, secrets, parts, () => true);
};

type IsFresh = (signedAtS: string, nowMs: number) => boolean;

function answerTo(
  request: WebhookRequest,
  secrets: WebhookSecrets,
  parts: WebhookParts,
  isFresh: IsFresh,
): WebhookAnswer | Promise<WebhookAnswer> {
  const doubt = doubtIn(request, secrets, parts, isFresh);
  if (doubt !== null) return refused(401, doubt);
  const type = request.headers["content-type"] ?? "";
  if (/^multipart\/form-data\b/i.test(type)) return answerToMail(request.body, type, parts);
  const entries = jsonOf(request.body);
  if (!Array.isArray(entries) || entries.length > EVENTS) return refused(400, "the body is no JSON array of events");
  const events = entries.map(eventOf);
  if (events.includes(null)) return refused(400, "an entry is no event of SendGrid");
  return { kind: "events", events: events.filter((one): one is DeliveryEvent => one !== null && isNew(one, parts)) };
}

async function answerToMail(body: Buffer, type: string, parts: WebhookParts): Promise<WebhookAnswer> {
  const form = await readForm(body, type);
  const event = form === null ? null : receivedIn(form);
  if (event === null) return refused(400, "the form is no mail of the Inbound Parse Webhook");
  const seen = createHash("sha256").update(body).digest("hex");
  return parts.isNew(`sendgrid inbound ${seen}`) ? { kind: "events", events: [event] } : refused(403, "seen before");
}

function doubtIn(
  request: WebhookRequest,
  secrets: WebhookSecrets,
  parts: WebhookParts,
  isFresh: IsFresh,
): string | null {
  if (secrets.key === null && secrets.basic === null) return "no key and no password is set for this webhook";
  if (!isKnownCaller(request, secrets.basic)) return "the user name or the password is missing or wrong";
  return secrets.key === null
    ? null
    : doubtInSignature(request, secrets.key, (signedAtS) => isFresh(signedAtS, parts.now));
}

/** The time is part of what is signed, so it is looked at only once the signature is known to be good. */
function doubtInSignature(
  { headers, body }: WebhookRequest,
  keyText: string,
  isFresh: (signedAtS: string) => boolean,
): string | null {
  const key = publicKeyOf(keyText);
  if (key === null) return "the key that is set for this webhook is no P-256 public key";
  const signature = headers[SIGNATURE_HEADER];
  const timestamp = headers[TIMESTAMP_HEADER];
  if (signature === undefined || timestamp === undefined) return "the signature or its time is missing";
  if (!isSignedBy(key, { timestamp, body, signature })) return "the signature is not of this body by this key";
  return isFresh(timestamp) ? null : "the signature's time is not within 300 s of now";
}

const isNew = (event: DeliveryEvent, parts: WebhookParts): boolean =>
  event.eventId === null || parts.isNew(`sendgrid:${event.eventId}`);
