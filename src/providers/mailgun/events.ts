import { createHmac } from "node:crypto";
import { type DeliveryEvent, readForm } from "../../mail/index.ts";
import type { ReceiveWebhook, WebhookAnswer } from "../events.ts";
import { jsonOf, recordOf, textOf } from "../json-reading.ts";
import { isKnownCaller, isWithinWindow, refused, sameSecret } from "../webhook-proof.ts";
import { eventOfData } from "./event-data.ts";
import { eventOfLegacyForm, lastOf } from "./legacy-event.ts";

/**
 * A notice of Mailgun ("Securing Webhooks", Mailgun manual, seen 2026-11-24): HMAC-SHA256 in hex over timestamp‖token with
 * the account's HTTP webhook signing key, and both stand in the body. It does not cover the event: whoever has seen one
 * notice can sign any event with it, so a token is good once and for 300 s, and what a notice says about a message that
 * matters is asked for again in the events API (activity.ts).
 */
export const receive: ReceiveWebhook = async (request, secrets, parts) => {
  if (!isKnownCaller(request, secrets.basic)) return refused(401, "unknown caller");
  if (secrets.key === null) return refused(401, "no signing key is configured for this account");
  const type = (request.headers["content-type"] ?? "").toLowerCase();
  const notice = type.startsWith("application/json")
    ? jsonNotice(request.body)
    : await formNotice(request.body, request.headers["content-type"] ?? "");
  if (notice === null) return refused(400, "malformed");
  const { timestamp, token, signatures, read } = notice;
  if (!isGenuine(timestamp, token, signatures, secrets.key)) return refused(401, "wrong signature");
  if (!isWithinWindow(timestamp, parts.now)) return refused(403, "too old");
  if (!parts.isNew(`mailgun ${token}`)) return refused(403, "seen before");
  return read();
};

type Notice = {
  timestamp: string;
  token: string;
  /** Of a subaccount's event the primary account's comes beside its own (`parent-signature`). */
  signatures: string[];
  read(): WebhookAnswer;
};

/**
 * Ten digits and no fewer: between timestamp and token is no separator, so that a digit moved from one to the other would
 * make a second token of the same signature. Ten digits are a time until 2286, and any other count is far outside the window.
 */
const TIMESTAMP = /^\d{10}$/;
/** Random, about 50 characters. */
const TOKEN = /^[\x21-\x7e]{16,200}$/;

function isGenuine(timestamp: string, token: string, signatures: readonly string[], key: string): boolean {
  if (!TIMESTAMP.test(timestamp) || !TOKEN.test(token)) return false;
  const expected = createHmac("sha256", key)
    .update(timestamp + token)
    .digest("hex");
  return signatures.some((one) => sameSecret(one.toLowerCase(), expected));
}

function jsonNotice(body: Buffer): Notice | null {
  const whole = recordOf(jsonOf(body));
  const signature = recordOf(whole["signature"]);
  const token = textOf(signature["token"]);
  const timestamp = textOf(signature["timestamp"]);
  const signatures = given(textOf(signature["signature"]), textOf(signature["parent-signature"]));
  if (token === null || timestamp === null || signatures.length === 0) return null;
  return { timestamp, token, signatures, read: () => events(eventOfData(recordOf(whole["event-data"]), token)) };
}

/** Accounts from before July 2018 may still get forms. Our own variables come first where they have a field's name. */
async function formNotice(body: Buffer, contentType: string): Promise<Notice | null> {
  const read = await readForm(body, contentType);
  if (read === null) return null;
  const form = read.text;
  const token = lastOf(form, "token");
  const timestamp = lastOf(form, "timestamp");
  const signatures = given(lastOf(form, "signature"));
  if (token === null || timestamp === null || signatures.length === 0) return null;
  return { timestamp, token, signatures, read: () => events(eventOfLegacyForm(form, token)) };
}

const given = (...texts: (string | null)[]): string[] => texts.filter((one) => one !== null);
const events = (event: DeliveryEvent | null): WebhookAnswer =>
  event === null ? refused(400, "no event") : { kind: "events", events: [event] };
