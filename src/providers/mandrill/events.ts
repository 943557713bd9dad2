import { createHash, createHmac } from "node:crypto";
import { type DeliveryEvent, type DeliveryEventType, deliveryEvent, type RejectReason } from "../../mail/index.ts";
import type { ReceiveWebhook, WebhookAnswer, WebhookParts, WebhookRequest } from "../events.ts";
import { type JsonRecord, jsonOf, numberOf, recordOf, textOf, textsOf } from "../json-reading.ts";
import { isKnownCaller, oneLine, refused, sameSecret } from "../webhook-proof.ts";
import { formOf } from "./form.ts";

/** "A JSON-encoded array of webhook events, up to a maximum of 1000" (Webhook Format, mandrill.zendesk.com 360038740594). */
const EVENTS = 1_000;

/** "Webhooks" (mailchimp.com/developer/transactional/docs/webhooks) and Sync Event Webhook Format (mandrill.zendesk.com 360039233253), seen 2026-11-25. */
const TYPES: Readonly<Record<string, DeliveryEventType>> = {
  send: "sent",
  delivered: "delivered",
  deferral: "deferred",
  hard_bounce: "bounced",
  soft_bounce: "bounced",
  open: "opened",
  click: "clicked",
  spam: "complained",
  unsub: "unsubscribed",
  reject: "rejected",
  inbound: "inbound",
};

/**
 * Notices of Mandrill: a form with one field, `mandrill_events`, signed as HMAC-SHA1 over the webhook's address and the
 * form's fields (How to Authenticate Webhook Requests, mandrill.zendesk.com 360039232513, seen 2026-11-25). The address
 * is signed as it was typed in, user and password included. Nothing is signed that has a time, and a batch whose answer
 * got lost comes again as it was: so events, not requests, are known again, and those seen before are left out.
 * Needs the webhook's key; and its user and password where the address has them.
 */
export const receive: ReceiveWebhook = async (request, secrets, parts) => {
  if (!isKnownCaller(request, secrets.basic)) return refused(401, "not the webhook's user and password");
  // How Mandrill looks whether the address exists, before it has told anybody a key.
  if (request.method === "HEAD") return { kind: "events", events: [] };
  if (secrets.key === null) return refused(403, "no key is set for notices of this account");
  const signature = request.headers["x-mandrill-signature"];
  if (signature === undefined) return refused(401, "no X-Mandrill-Signature");
  const form = await formOf(request);
  if (form === null) return refused(400, "no form");
  if (!isSigned(request, form, signature, secrets.key)) return refused(401, "not signed with our key and address");
  return answerTo(form, parts);
};

/** The same without the proof, for looking into a recorded notice: nothing that comes over the network may go this way. */
export const readUnproven: ReceiveWebhook = async (request, _secrets, parts) => {
  const form = await formOf(request);
  return form === null ? refused(400, "no form") : answerTo(form, parts);
};

function answerTo(form: ReadonlyMap<string, string>, parts: WebhookParts): WebhookAnswer {
  const told = jsonOf(form.get("mandrill_events") ?? "");
  if (!Array.isArray(told)) return refused(400, "no list of events");
  if (told.length > EVENTS) return refused(400, `more than ${EVENTS} events`);
  return eventsOf(told, parts);
}

function isSigned(
  { url, headers }: WebhookRequest,
  form: ReadonlyMap<string, string>,
  signature: string,
  key: string,
): boolean {
  const fields = [...form.keys()].toSorted().map((name) => name + form.get(name)!);
  let isGood = false;
  for (const address of addresses(url, headers["authorization"])) {
    const expected = createHmac("sha1", key)
      .update(address + fields.join(""))
      .digest("base64");
    isGood = sameSecret(signature, expected) || isGood;
  }
  return isGood;
}

/** As called, and as it was typed in where it had a user and password: those travel in a header field of their own. */
function addresses(url: string, authorization: string | undefined): string[] {
  const given = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization ?? "")?.[1];
  if (given === undefined) return [url];
  const [user = "", ...rest] = Buffer.from(given, "base64").toString("utf8").split(":");
  const password = rest.join(":");
  const within = (login: string): string => url.replace(/^(https?:\/\/)/i, (scheme) => `${scheme}${login}@`);
  return [url, within(`${user}:${password}`), within(`${encodeURIComponent(user)}:${encodeURIComponent(password)}`)];
}

function eventsOf(told: readonly unknown[], parts: WebhookParts): WebhookAnswer {
  const events: DeliveryEvent[] = [];
  for (const one of told.map(recordOf)) {
    const event = eventOf(one);
    if (event.eventId === null || parts.isNew(`mandrill ${event.eventId}`)) events.push(event);
  }
  return { kind: "events", events };
}

function eventOf(one: JsonRecord): DeliveryEvent {
  const name = textOf(one["event"]) ?? textOf(one["type"]) ?? "unknown";
  const type = Object.hasOwn(TYPES, name) ? TYPES[name]! : "unknown";
  const message = recordOf(one["msg"]);
  const entry = recordOf(one["reject"]);
  const seconds = numberOf(one["ts"]);
  const metadata = textsIn(message["metadata"]);
  return deliveryEvent({
    type,
    at: seconds === null ? null : seconds * 1000,
    recipient: textOf(message["email"]) ?? textOf(entry["email"]),
    eventId: idOf(name, one),
    providerMessageId: textOf(one["_id"]) ?? textOf(message["_id"]),
    attemptId: metadata["postern_attempt"] ?? null,
    spoolId: metadata["postern_id"] ?? null,
    rejectReason: reasonOf(name, textOf(message["bounce_description"])),
    bounce: name === "hard_bounce" ? "hard" : name === "soft_bounce" ? "soft" : null,
    mtaResponse: oneLine(textOf(message["diag"])),
    description: descriptionOf(one, entry, message),
    url: textOf(one["url"]),
    userAgent: oneLine(textOf(one["user_agent"])),
    tags: textsOf(message["tags"]),
    metadata,
  });
}

/**
 * Mandrill gives events no id: a message, what befell it and when; of clicks also where to, of lists what was done to whom.
 * And to whom it went: others who speak as Mandrill give a message to several one id. Hashed, because ids are logged.
 */
function idOf(name: string, one: JsonRecord): string | null {
  const about = textOf(one["_id"]) ?? textOf(recordOf(one["msg"])["_id"]) ?? textOf(recordOf(one["reject"])["email"]);
  const at = numberOf(one["ts"]);
  if (about === null || at === null) return null;
  const email = textOf(recordOf(one["msg"])["email"]);
  const whole = [about, name, at, one["action"] ?? null, one["url"] ?? null, email];
  return createHash("sha256").update(JSON.stringify(whole)).digest("hex").slice(0, 32);
}

/** Words of `bounce_description`, as far as examples of Mandrill show them: bad_mailbox, invalid_domain, mailbox_full, spam… */
function reasonOf(name: string, description: string | null): RejectReason | null {
  switch (name) {
    case "spam":
      return "spam";
    case "unsub":
      return "unsubscribed";
    case "reject":
      return "blocked";
    case "hard_bounce":
    case "soft_bounce":
      if (description === null) return "bounced";
      if (/^(?:bad_mailbox|invalid_domain|invalid)$/.test(description)) return "invalid";
      if (/spam|block|polic/.test(description)) return "blocked";
      return /time/.test(description) ? "timed_out" : "bounced";
    default:
      return null;
  }
}

/** Of a list: the note or the reason of the entry; of a bounce, Mandrill's word for it. */
function descriptionOf(one: JsonRecord, entry: JsonRecord, message: JsonRecord): string | null {
  const noted = oneLine(textOf(entry["detail"]) ?? textOf(entry["reason"]));
  if (noted !== null) return noted;
  const [list, action] = [textOf(one["type"]), textOf(one["action"])];
  if (list !== null && action !== null) return oneLine(`${list} ${action}`);
  return oneLine(textOf(message["bounce_description"]));
}

function textsIn(value: unknown): Record<string, string> {
  const known = Object.entries(recordOf(value)).flatMap(([name, one]): [string, string][] =>
    typeof one === "string" || typeof one === "number" || typeof one === "boolean" ? [[name, String(one)]] : [],
  );
  return Object.fromEntries(known);
}
