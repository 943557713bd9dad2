import { createHash, sign } from "node:crypto";
import type { Notice, NoticeTarget } from "./dialect.ts";
import { type SelfSigned, selfSigned } from "./self-signed.ts";

/** Where notices of the twin say that their certificate lies: nothing is there, the lab hands it over. */
export const SES_CERTIFICATE_URL =
  "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-1ab00000000000000000000000000001.pem";

let made: SelfSigned | null = null;
const signer = (nowMs: number): SelfSigned => (made ??= selfSigned("sns.amazonaws.com", nowMs));

/** What `WebhookParts.certificate` gives for notices of the twin. */
export const sesCertificate = (url: string, nowMs: number): string | null =>
  url === SES_CERTIFICATE_URL ? signer(nowMs).certificate : null;

/** The fields of an SNS notice before it is signed. */
export type SnsFields = Record<string, string>;

const ORDER: Readonly<Record<string, readonly string[]>> = {
  Notification: ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
  SubscriptionConfirmation: ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
  UnsubscribeConfirmation: ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
};

/** Signs as SNS does ("Verifying the signatures of Amazon SNS messages", seen 2026-11-25); written apart from what checks it. */
export function signedBySns(fields: SnsFields, nowMs: number, version: "1" | "2" = "2"): SnsFields {
  const lines = (ORDER[fields["Type"] ?? ""] ?? []).filter((name) => fields[name] !== undefined);
  const text = lines.map((name) => `${name}\n${fields[name]}\n`).join("");
  const hash = version === "1" ? "RSA-SHA1" : "RSA-SHA256";
  return {
    ...fields,
    SignatureVersion: version,
    Signature: sign(hash, Buffer.from(text), signer(nowMs).key).toString("base64"),
    SigningCertURL: SES_CERTIFICATE_URL,
  };
}

export const snsHeaders = (fields: SnsFields): Record<string, string> => ({
  "content-type": "text/plain; charset=UTF-8",
  "x-amz-sns-message-type": fields["Type"] ?? "",
  "x-amz-sns-message-id": fields["MessageId"] ?? "",
  "x-amz-sns-topic-arn": fields["TopicArn"] ?? "",
  "user-agent": "Amazon Simple Notification Service Agent",
});

/** The event of an end, as event publishing tells it, in the envelope of SNS. `target.secret` is the ARN of the topic. */
export function sesNotice(notice: Notice, target: NoticeTarget): { headers: Record<string, string>; body: string } {
  const at = new Date(notice.at).toISOString();
  const fields: SnsFields = {
    Type: "Notification",
    MessageId: uuidOf(notice.id + notice.message.id),
    TopicArn: target.secret,
    Subject: "Amazon SES Email Event Notification",
    Message: `${JSON.stringify(eventOf(notice, at))}\n`,
    Timestamp: at,
    UnsubscribeURL: `https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${target.secret}:1`,
  };
  const sent = signedBySns(fields, notice.at);
  if (notice.isForged) sent["Message"] = sent["Message"]!.replace(/"messageId":"./, '"messageId":"f');
  return { headers: snsHeaders(fields), body: JSON.stringify(sent) };
}

function eventOf({ end, message, recipient }: Notice, at: string): Record<string, unknown> {
  const mail = {
    timestamp: new Date(message.at).toISOString(),
    source: message.from,
    sendingAccountId: "123456789012",
    messageId: message.id,
    destination: message.recipients,
    headersTruncated: false,
    headers: [],
    tags: Object.fromEntries(Object.entries(message.metadata).map(([name, value]) => [name, [value]])),
  };
  const failed = (diagnosticCode: string, status: string) => [
    { emailAddress: recipient, action: "failed", status, diagnosticCode },
  ];
  switch (end) {
    case "delivered":
      return {
        eventType: "Delivery",
        mail,
        delivery: {
          timestamp: at,
          processingTimeMillis: 546,
          recipients: [recipient],
          smtpResponse: "250 2.6.0 Message received",
        },
      };
    case "bounced":
      return {
        eventType: "Bounce",
        mail,
        bounce: {
          bounceType: "Permanent",
          bounceSubType: "General",
          bouncedRecipients: failed("smtp; 550 5.1.1 user unknown", "5.1.1"),
          timestamp: at,
          feedbackId: `${message.id}-feedback`,
        },
      };
    case "complained":
      return {
        eventType: "Complaint",
        mail,
        complaint: {
          complainedRecipients: [{ emailAddress: recipient }],
          timestamp: at,
          userAgent: "Lab Feedback Loop (V0.01)",
          complaintFeedbackType: "abuse",
        },
      };
    case "deferred":
      return {
        eventType: "DeliveryDelay",
        mail,
        deliveryDelay: {
          timestamp: at,
          delayType: "TransientCommunicationFailure",
          expirationTime: at,
          delayedRecipients: [
            { emailAddress: recipient, status: "4.4.1", diagnosticCode: "smtp; 421 4.4.1 Unable to connect" },
          ],
        },
      };
    case "rejected":
      return { eventType: "Reject", mail, reject: { reason: "Bad content" } };
  }
}

/** The same notice keeps its id, also when it is sent twice. */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
