import { createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import type { TwinEnd } from "./account.ts";
import type { Notice, NoticeTarget } from "./dialect.ts";
import { messageIdFor } from "./sendgrid-activity.ts";

/** The pair a signed Event Webhook has: what signs (the target's `secret`, PEM) and what the settings page shows. */
export function sendgridWebhookKeys(): { secret: string; publicKey: string } {
  const pair = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return {
    secret: pair.privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    publicKey: pair.publicKey.export({ format: "der", type: "spki" }).toString("base64"),
  };
}

/** "Event Webhook reference" (seen 2026-11-25): what each kind of event has besides. */
const EVENTS: Readonly<Record<TwinEnd, Readonly<Record<string, string>>>> = {
  delivered: { event: "delivered", response: "250 2.0.0 OK twin" },
  bounced: { event: "bounce", type: "bounce", status: "5.1.1", reason: "550 5.1.1 No such user" },
  complained: { event: "spamreport" },
  deferred: { event: "deferred", response: "450 4.2.0 Try again later", attempt: "1" },
  rejected: { event: "dropped", reason: "Bounced Address", status: "5.0.0" },
};

/** A batch of one event, signed over the time and the octets; a forged one by a key that is nobody's. */
export function sendgridNotice(
  notice: Notice,
  target: NoticeTarget,
): { headers: Record<string, string>; body: string } {
  const { message, recipient } = notice;
  const event = {
    email: recipient,
    timestamp: Math.floor(notice.at / 1000),
    "smtp-id": `<${message.id}@geopod-ismtpd-twin>`,
    category: message.tags,
    sg_event_id: Buffer.from(notice.id).toString("base64url"),
    sg_message_id: messageIdFor(message, message.recipients.indexOf(recipient)),
    ...EVENTS[notice.end],
    ...message.metadata,
  };
  const body = JSON.stringify([event]);
  const timestamp = String(event.timestamp);
  const key = createPrivateKey(notice.isForged ? sendgridWebhookKeys().secret : target.secret);
  const signature = sign("sha256", Buffer.from(timestamp + body), key).toString("base64");
  return {
    headers: {
      "content-type": "application/json",
      "x-twilio-email-event-webhook-signature": signature,
      "x-twilio-email-event-webhook-timestamp": timestamp,
    },
    body,
  };
}
