import { createHash } from "node:crypto";
import { VENDOR_WORDS } from "../../mail/index.ts";
import { callerHeaders } from "./caller.ts";
import { type Dialect, iso, json, NOT_KEPT, type Told } from "./dialect.ts";
import type { Telling } from "./telling.ts";

/**
 * Amazon SES' events as SNS delivers them raw: the event itself is the body, without envelope and signature ("Amazon SNS raw
 * message delivery", "HTTP/HTTPS headers"; SES "Contents of event data"; seen 2026-11-25). The signed envelope cannot be
 * had: every validator asks for a certificate at amazonaws.com (docs/decisions/0014). The caller is known by HTTP Basic, as
 * SNS has it in a subscription's address, or by a header field.
 */
export const ses: Dialect = {
  recipientsAtOnce: 50, // as many as SES takes of a message, and SNS' 256 KB hold
  enough: [],
  notice(telling, told, { name, secret }) {
    return {
      headers: {
        ...callerHeaders(secret.reveal()),
        "content-type": "text/plain; charset=UTF-8",
        "user-agent": "Amazon Simple Notification Service Agent (Postern)",
        "x-amz-sns-message-type": "Notification",
        "x-amz-sns-message-id": uuidOf(`${telling.facts.spoolId} ${telling.facts.eventId} ${told[0]!.n}`),
        "x-amz-sns-topic-arn": `arn:aws:sns:local:000000000000:${name}`,
        "x-amz-sns-rawdelivery": "true",
      },
      body: json(eventOf(telling, told)),
    };
  },
};

function eventOf(telling: Telling, told: readonly Told[]): Record<string, unknown> {
  const { facts, happening } = telling;
  const addresses = told.map((one) => one.address);
  const mail = {
    timestamp: iso(facts.acceptedAt),
    source: facts.author,
    sendingAccountId: "000000000000",
    messageId: facts.spoolId,
    destination: addresses,
    headersTruncated: false,
    headers: [{ name: "Message-ID", value: facts.headerMessageId }],
    commonHeaders: { from: [facts.author], to: addresses, messageId: facts.headerMessageId },
    tags: Object.fromEntries(Object.entries(facts.tags).map(([name, value]) => [name, [value]])),
  };
  return { eventType: VENDOR_WORDS.ses[happening], mail, ...particularsOf(telling, addresses) };
}

function particularsOf(telling: Telling, addresses: readonly string[]): Record<string, unknown> {
  const { facts, happening, said, status, url, userAgent } = telling;
  const timestamp = iso(facts.at);
  const feedbackId = uuidOf(`feedback ${facts.spoolId} ${facts.eventId}`);
  const bounce = (bounceType: string, bounceSubType: string, usual: string) => ({
    bounce: {
      bounceType,
      bounceSubType,
      bouncedRecipients: addresses.map((emailAddress) => ({
        emailAddress,
        action: "failed",
        status: status ?? usual,
        diagnosticCode: `smtp; ${said}`,
      })),
      timestamp,
      feedbackId,
    },
  });
  switch (happening) {
    case "accepted":
      return { send: {} };
    case "delivered":
      return {
        delivery: {
          timestamp,
          processingTimeMillis: facts.at - facts.acceptedAt,
          recipients: addresses,
          smtpResponse: said,
        },
      };
    case "deferred":
    case "delayed":
      return {
        deliveryDelay: {
          timestamp,
          delayType: "TransientCommunicationFailure",
          delayedRecipients: addresses.map((emailAddress) => ({
            emailAddress,
            status: status ?? "4.4.1",
            diagnosticCode: `smtp; ${said}`,
          })),
        },
      };
    case "bounced-hard":
      return bounce("Permanent", "General", "5.1.1");
    case "bounced-soft":
    case "expired":
      return bounce("Transient", "General", "4.4.7");
    case "suppressed":
      return bounce("Permanent", "OnAccountSuppressionList", "5.1.1");
    case "refused":
      return { reject: { reason: said } };
    case "complained":
      return {
        complaint: {
          complainedRecipients: addresses.map((emailAddress) => ({ emailAddress })),
          complaintSubType: null,
          complaintFeedbackType: "abuse",
          userAgent,
          timestamp,
          feedbackId,
        },
      };
    case "opened":
      return { open: { timestamp, userAgent, ipAddress: NOT_KEPT } };
    case "clicked":
      return { click: { timestamp, userAgent, ipAddress: NOT_KEPT, link: url, linkTags: null } };
    case "unsubscribed":
      return {
        subscription: {
          contactList: facts.stream,
          timestamp,
          source: "UnsubscribeHeader",
          newTopicPreferences: { unsubscribeAll: true },
          oldTopicPreferences: { unsubscribeAll: false },
        },
      };
    default:
      return {};
  }
}

/** The same notice keeps its id, however often it is sent. */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
