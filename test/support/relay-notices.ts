import { createHash, createHmac, generateKeyPairSync, sign } from "node:crypto";
import type { SmtpVendor } from "../../src/config/index.ts";
import { signedBySns, snsHeaders } from "../../src/lab/twins/ses-notice.ts";

/**
 * What each service tells of a message that it was given by SMTP and has delivered: with that of the message's header which
 * it gives back, in the words and with the proof of its documents.
 */
export type RelayNotice = { headers: Record<string, string>; body: string };
type Given = { field(name: string): string; url: string; nowMs: number; n: number };

export const LOGIN = "postern:a-long-password-of-notices";
export const KEY = "a-key-of-notices";
export const RESEND_KEY = `whsec_${Buffer.alloc(24, 5).toString("base64")}`;
export const TOPIC = "arn:aws:sns:eu-central-1:123456789012:postern";
const POSTAL = generateKeyPairSync("rsa", { modulusLength: 2048 });
export const POSTAL_KEY = POSTAL.publicKey.export({ format: "pem", type: "spki" }).toString();

const RECIPIENT = "bob@example.net";
const basic = { authorization: `Basic ${Buffer.from(LOGIN).toString("base64")}` };
const known = (told: unknown): RelayNotice => ({ headers: basic, body: JSON.stringify(told) });
const parsed = (text: string) => JSON.parse(text) as Record<string, unknown>;
const hmac = (hash: string, text: string) => createHmac(hash, KEY).update(text);

export const RELAY_NOTICES: Record<SmtpVendor, (given: Given) => RelayNotice> = {
  sendgrid: ({ field, nowMs, n }) =>
    known([
      {
        event: "delivered",
        email: RECIPIENT,
        timestamp: Math.floor(nowMs / 1000),
        sg_event_id: `e${n}`,
        ...(parsed(field("X-SMTPAPI"))["unique_args"] as object),
      },
    ]),
  mandrill: ({ field, url, nowMs, n }) => {
    const metadata = parsed(field("X-MC-Metadata"));
    const msg = { _id: `m${n}`, email: RECIPIENT, metadata };
    const events = JSON.stringify([{ event: "delivered", ts: Math.floor(nowMs / 1000), _id: `m${n}`, msg }]);
    const signature = hmac("sha1", `${url}mandrill_events${events}`).digest("base64");
    return {
      headers: { "x-mandrill-signature": signature, "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ mandrill_events: events }).toString(),
    };
  },
  ses: ({ field, nowMs, n }) => {
    const pairs = field("X-SES-MESSAGE-TAGS").split(", ");
    const tags = Object.fromEntries(pairs.map((pair) => [pair.split("=")[0], [pair.split("=")[1]]]));
    const mail = { messageId: `m${n}`, destination: [RECIPIENT], tags };
    const fields = {
      Type: "Notification",
      MessageId: `19ba9823-d7f2-53c1-860e-${String(n).padStart(12, "0")}`,
      TopicArn: TOPIC,
      Message: JSON.stringify({ eventType: "Delivery", mail, delivery: { recipients: [RECIPIENT] } }),
      Timestamp: new Date(nowMs).toISOString(),
    };
    return { headers: snsHeaders(fields), body: JSON.stringify(signedBySns(fields, nowMs)) };
  },
  mailgun: ({ field, nowMs, n }) => {
    const [timestamp, token] = [String(Math.floor(nowMs / 1000)), `token-of-mailgun-${n}-${nowMs}`];
    const signature = { timestamp, token, signature: hmac("sha256", timestamp + token).digest("hex") };
    const variables = parsed(field("X-Mailgun-Variables"));
    const data = { event: "delivered", recipient: RECIPIENT, timestamp: nowMs / 1000, "user-variables": variables };
    return {
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ signature, "event-data": data }),
    };
  },
  postmark: ({ field, nowMs, n }) => {
    const names = ["postern_attempt", "postern_id"];
    const Metadata = Object.fromEntries(names.map((name) => [name, field(`X-PM-Metadata-${name}`)]));
    const DeliveredAt = new Date(nowMs).toISOString();
    return known({ RecordType: "Delivery", Recipient: RECIPIENT, MessageID: `m${n}`, DeliveredAt, Metadata });
  },
  resend: ({ field, nowMs, n }) => {
    const names = ["X-Postern-Attempt", "X-Postern-Id"];
    const headers = names.map((name) => ({ name, value: field(name) }));
    const data = { email_id: "m1", to: [RECIPIENT], headers };
    const body = JSON.stringify({ type: "email.delivered", created_at: new Date(nowMs).toISOString(), data });
    const [id, timestamp] = [`msg_${n}_${nowMs}`, String(Math.floor(nowMs / 1000))];
    const key = Buffer.from(RESEND_KEY.slice("whsec_".length), "base64");
    const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
    return {
      headers: { "svix-id": id, "svix-timestamp": timestamp, "svix-signature": `v1,${signature}` },
      body,
    };
  },
  brevo: ({ field, nowMs }) =>
    known({
      event: "delivered",
      email: RECIPIENT,
      ts_event: Math.floor(nowMs / 1000),
      "message-id": "<m1@relay.example>",
      "X-Mailin-custom": field("X-Mailin-custom"),
    }),
  mailjet: ({ field, nowMs }) =>
    known([
      {
        event: "sent",
        email: RECIPIENT,
        time: Math.floor(nowMs / 1000),
        MessageID: 1,
        Payload: field("X-MJ-EventPayload"),
      },
    ]),
  sparkpost: ({ field, nowMs }) => {
    const metadata = parsed(field("X-MSYS-API"))["metadata"];
    const timestamp = String(Math.floor(nowMs / 1000));
    const event = { type: "delivery", raw_rcpt_to: RECIPIENT, timestamp, event_id: "1", rcpt_meta: metadata };
    return known([{ msys: { message_event: event } }]);
  },
  mailersend: ({ nowMs }) => {
    const data = { id: "e1", type: "delivered", recipient: RECIPIENT, message_id: "m1" };
    const body = JSON.stringify({ type: "activity.delivered", created_at: new Date(nowMs).toISOString(), data });
    return { headers: { signature: hmac("sha256", body).digest("hex") }, body };
  },
  mailtrap: ({ field, nowMs }) => {
    const variables = parsed(field("X-MT-Custom-Variables"));
    const timestamp = Math.floor(nowMs / 1000);
    const event = { event: "delivery", email: RECIPIENT, event_id: "e1", timestamp, custom_variables: variables };
    return known({ events: [event] });
  },
  postal: ({ field, nowMs }) => {
    const message = { id: 1, direction: "outgoing", to: RECIPIENT, tag: field("X-Postal-Tag") };
    const payload = { message, status: "Sent", details: "delivered" };
    const body = JSON.stringify({ event: "MessageSent", timestamp: nowMs / 1000, payload, uuid: "u1" });
    const signature = sign("sha1", Buffer.from(body), POSTAL.privateKey).toString("base64");
    return { headers: { "x-postal-signature": signature }, body };
  },
  "unisender-go": ({ field, nowMs }) => {
    const metadata = parsed(field("X-UNISENDER-GO"))["global_metadata"];
    const time = new Date(nowMs).toISOString().slice(0, 19).replace("T", " ");
    const data = { job_id: "j1", email: RECIPIENT, status: "delivered", event_time: time, metadata };
    const events = [{ event_name: "transactional_email_status", event_data: data }];
    const withKey = JSON.stringify({ auth: KEY, events_by_user: [{ user_id: 1, events }] });
    const proof = createHash("md5").update(withKey).digest("hex");
    return { headers: {}, body: withKey.replace(KEY, proof) };
  },
};
