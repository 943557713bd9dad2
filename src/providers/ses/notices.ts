import { deliveryEvent, type DeliveryEvent } from "../../mail/index.ts";
import { type JsonRecord, isoTimeOf, jsonOf, listOf, recordOf, textOf, textsOf } from "../json-reading.ts";
import { oneLine } from "../webhook-proof.ts";

/**
 * What SES says of a message. Two formats that differ in one name: event publishing (`eventType`) and the older
 * notifications of an identity (`notificationType`). Sources: SES developer guide, "Contents of event data that Amazon SES
 * publishes to Amazon SNS", "Amazon SNS notification contents for Amazon SES" (seen 2026-11-25).
 */
export type NoticeEnvelope = {
  /** SNS's id: of the notice, so all events of it share it. */
  messageId: string | null;
  /** When SES told: the times inside are partly those of foreign servers. */
  at: number | null;
};

type About = Partial<DeliveryEvent> & Pick<DeliveryEvent, "type">;
/** What is common to all recipients, and those it speaks of with what is theirs. */
type Reading = { common: About; recipients: readonly Partial<DeliveryEvent>[] };

/** SES takes 50 recipients a message. */
const MOST_RECIPIENTS = 100;

export function eventsOf(notice: JsonRecord, envelope: NoticeEnvelope): DeliveryEvent[] {
  const kind = textOf(notice["eventType"]) ?? textOf(notice["notificationType"]) ?? "";
  // What SNS and SES send once a subscription stands.
  if (kind === "AmazonSnsSubscriptionSucceeded") return [];
  if (Object.keys(notice).length === 0) return [];
  const mail = recordOf(notice["mail"]);
  if (kind === "Received") return [received(notice, mail)];
  const { common, recipients } = (READERS[kind] ?? unknown)(notice, mail, kind);
  const about = { ...ids(mail), eventId: envelope.messageId, at: envelope.at, ...common };
  const each = recipients.length === 0 ? [{ recipient: null }] : recipients.slice(0, MOST_RECIPIENTS);
  return each.map((one) => deliveryEvent({ ...about, ...one }));
}

type Reader = (notice: JsonRecord, mail: JsonRecord, kind: string) => Reading;

const READERS: Readonly<Record<string, Reader>> = Object.assign(Object.create(null) as Record<string, Reader>, {
  Bounce: bounce,
  Complaint: complaint,
  Delivery: (notice, mail) => {
    const delivery = recordOf(notice["delivery"]);
    const recipients = textsOf(delivery["recipients"]);
    return {
      common: { type: "delivered", mtaResponse: oneLine(textOf(delivery["smtpResponse"])) },
      recipients: recipients.length > 0 ? recipients.map((recipient) => ({ recipient })) : all(mail),
    };
  },
  // Also of recipients on a suppression list, whom nobody will try: "sent" is a claim.
  Send: (_, mail) => ({ common: { type: "sent" }, recipients: all(mail) }),
  Reject: (notice, mail) => ({
    common: { type: "rejected", rejectReason: "blocked", description: said(notice, "reject", "reason") },
    recipients: all(mail),
  }),
  // SES does not say which recipient it was: all of them may have been.
  Open: (notice, mail) => ({
    common: { type: "opened", userAgent: said(notice, "open", "userAgent") },
    recipients: all(mail),
  }),
  Click: (notice, mail) => ({
    common: {
      type: "clicked",
      userAgent: said(notice, "click", "userAgent"),
      url: textOf(recordOf(notice["click"])["link"])?.slice(0, 2_000) ?? null,
    },
    recipients: all(mail),
  }),
  "Rendering Failure": (notice, mail) => ({
    common: { type: "failed", description: said(notice, "failure", "errorMessage") },
    recipients: all(mail),
  }),
  DeliveryDelay: (notice, mail) => {
    const delay = recordOf(notice["deliveryDelay"]);
    const recipients = of(delay["delayedRecipients"]);
    return {
      common: { type: "deferred", description: oneLine(textOf(delay["delayType"])) },
      recipients: recipients.length > 0 ? recipients : all(mail),
    };
  },
  Subscription: subscription,
} satisfies Record<string, Reader>);

/**
 * Subtypes with which SES says that it did not try: a list of its own, or of the account, said no. Nothing is known of the
 * mailbox from them, and whoever writes on such a list must not be able to silence a recipient everywhere: never "hard".
 */
const NOT_TRIED = new Set([
  "Suppressed",
  "OnAccountSuppressionList",
  "OnTenantSuppressionList",
  "EmailValidationSuppressed",
  "UnsubscribedRecipient",
]);

function bounce(notice: JsonRecord): Reading {
  const said = recordOf(notice["bounce"]);
  const type = textOf(said["bounceType"]) ?? "";
  const subType = textOf(said["bounceSubType"]) ?? "";
  return {
    common: {
      type: "bounced",
      rejectReason: "bounced",
      // Transient may pass; of Undetermined nothing is known.
      bounce: type === "Permanent" && !NOT_TRIED.has(subType) ? "hard" : "soft",
      description: oneLine(`${type}: ${subType}`),
    },
    recipients: of(said["bouncedRecipients"]),
  };
}

function complaint(notice: JsonRecord): Reading {
  const said = recordOf(notice["complaint"]);
  const feedback = textOf(said["complaintFeedbackType"]);
  const subType = textOf(said["complaintSubType"]);
  const recipients = of(said["complainedRecipients"]);
  // Nobody complained now: the account's list, filled by an earlier complaint or by somebody, kept SES from trying.
  if (subType !== null && NOT_TRIED.has(subType)) {
    return { common: { type: "rejected", rejectReason: "blocked", description: oneLine(subType) }, recipients };
  }
  // IANA "Mail Parameters", feedback types: not-spam takes a complaint back.
  if (feedback === "not-spam") return { common: { type: "unknown", description: "not-spam" }, recipients };
  return {
    common: {
      type: "complained",
      rejectReason: "spam",
      description: oneLine(feedback),
      userAgent: oneLine(textOf(said["userAgent"])),
    },
    recipients,
  };
}

/** Somebody changed what he wants, by the link in a mail with list management. */
function subscription(notice: JsonRecord, mail: JsonRecord): Reading {
  const said = recordOf(notice["subscription"]);
  const wants = recordOf(said["newTopicPreferences"]);
  const topics = listOf(wants["topicSubscriptionStatus"]).map((one) => textOf(recordOf(one)["subscriptionStatus"]));
  const isOut = wants["unsubscribeAll"] === true || topics.includes("OptOut");
  return {
    common: {
      type: isOut ? "unsubscribed" : "subscribed",
      ...(isOut ? { rejectReason: "unsubscribed" as const } : {}),
      description: oneLine(textOf(said["contactList"])),
    },
    recipients: all(mail),
  };
}

const unknown: Reader = (_, mail, kind) => ({
  common: { type: "unknown", description: oneLine(`SES event ${kind}`) },
  recipients: all(mail),
});

/** A mail that SES took in for us, by a receipt rule. */
function received(notice: JsonRecord, mail: JsonRecord): DeliveryEvent {
  const id = textOf(mail["messageId"]);
  return deliveryEvent({
    type: "inbound",
    at: isoTimeOf(mail["timestamp"]),
    eventId: id,
    providerMessageId: id,
    recipient: textsOf(recordOf(notice["receipt"])["recipients"])[0] ?? null,
  });
}

/** Our ids come back as tags, with event publishing only; the older notifications may give the header along. */
function ids(mail: JsonRecord): Partial<DeliveryEvent> {
  const tags = recordOf(mail["tags"]);
  const tag = (name: string): string | null => (Object.hasOwn(tags, name) ? (textsOf(tags[name])[0] ?? null) : null);
  const others = Object.keys(tags)
    .filter((name) => !name.startsWith("ses:") && !name.startsWith("postern_"))
    .flatMap((name) => {
      const value = tag(name);
      return value === null ? [] : [[name, value.slice(0, 256)] as const];
    });
  return {
    providerMessageId: textOf(mail["messageId"]),
    attemptId: tag("postern_attempt"),
    spoolId: tag("postern_id") ?? headersOf(mail, "x-postern-id")[0] ?? null,
    // Where the API takes no tags (v1, SMTP), senders mark mail by these fields, and SES gives the header back.
    tags: headersOf(mail, "x-tag").slice(0, 50),
    metadata: Object.fromEntries([...marksOf(mail), ...others].slice(0, 50)),
  };
}

const marksOf = (mail: JsonRecord): [string, string][] =>
  Object.entries(recordOf(jsonOf(headersOf(mail, "x-metadata")[0] ?? ""))).flatMap(([name, value]) => {
    const text = textOf(value);
    return text === null ? [] : [[name, text.slice(0, 256)]];
  });

const headersOf = (mail: JsonRecord, name: string): string[] =>
  listOf(mail["headers"])
    .map(recordOf)
    .filter((one) => textOf(one["name"])?.toLowerCase() === name)
    .flatMap((one) => textOf(one["value"]) ?? []);

const all = (mail: JsonRecord): Partial<DeliveryEvent>[] =>
  textsOf(mail["destination"]).map((recipient) => ({ recipient }));

const of = (recipients: unknown): Partial<DeliveryEvent>[] =>
  listOf(recipients)
    .map(recordOf)
    .map((one) => ({
      recipient: textOf(one["emailAddress"]),
      mtaResponse: oneLine(textOf(one["diagnosticCode"])),
    }));

const said = (notice: JsonRecord, object: string, field: string): string | null =>
  oneLine(textOf(recordOf(notice[object])[field]));
