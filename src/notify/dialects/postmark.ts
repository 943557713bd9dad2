import { createHash } from "node:crypto";
import { VENDOR_WORDS } from "../../mail/index.ts";
import { callerHeaders } from "./caller.ts";
import { type Dialect, iso, json, labelsOf, type Told } from "./dialect.ts";
import type { Telling } from "./telling.ts";

/**
 * Postmark's webhooks: a JSON document for each recipient, told from anybody's by HTTP Basic or a header field only
 * (postmarkapp.com/developer/webhooks, and the types of its own client, 4.0; seen 2026-11-25).
 */
export const postmark: Dialect = {
  recipientsAtOnce: 1,
  enough: [403], // "If we receive a 403 Forbidden response, retries stop immediately."
  notice(telling, told, { secret }) {
    const body = json(documentOf(telling, told[0]!));
    return {
      headers: {
        ...callerHeaders(secret.reveal()),
        "content-type": "application/json",
        "user-agent": "Postmark (Postern)",
      },
      body,
    };
  },
};

/** Types of bounces (postmarkapp.com/developer/api/bounce-api#bounce-types). */
const BOUNCES: Readonly<
  Record<string, { Type: string; TypeCode: number; Name: string; Inactive: boolean; Description: string }>
> = {
  "bounced-hard": {
    Type: "HardBounce",
    TypeCode: 1,
    Name: "Hard bounce",
    Inactive: true,
    Description: "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
  },
  "bounced-soft": {
    Type: "SoftBounce",
    TypeCode: 4096,
    Name: "Soft bounce",
    Inactive: false,
    Description: "Unable to temporarily deliver message (i.e. mailbox full, account disabled, exceeds quota).",
  },
  delayed: {
    Type: "Transient",
    TypeCode: 2,
    Name: "Message delayed",
    Inactive: false,
    Description:
      "The server could not temporarily deliver your message (ex: Message is delayed due to network troubles).",
  },
  refused: {
    Type: "Blocked",
    TypeCode: 100006,
    Name: "ISP block",
    Inactive: false,
    Description: "The message was refused for what it is, not for whom it is for.",
  },
  suppressed: {
    Type: "ManuallyDeactivated",
    TypeCode: 100002,
    Name: "Manually deactivated",
    Inactive: true,
    Description: "The address is on the suppression list; nothing was sent.",
  },
  complained: {
    Type: "SpamComplaint",
    TypeCode: 100001,
    Name: "Spam complaint",
    Inactive: true,
    Description: "The subscriber explicitly marked this message as spam.",
  },
};

function documentOf(telling: Telling, { address, n }: Told): Record<string, unknown> {
  const { facts, happening, said, url, userAgent } = telling;
  const { tags, metadata } = labelsOf(facts);
  const shared = {
    RecordType: VENDOR_WORDS.postmark[happening],
    ServerID: 0,
    MessageStream: facts.stream,
    MessageID: facts.spoolId,
    Tag: tags[0] ?? "",
    Metadata: metadata,
  };
  const when = iso(facts.at);
  switch (happening) {
    case "delivered":
      return { ...shared, Recipient: address, DeliveredAt: when, Details: said };
    case "opened":
    case "clicked":
      return {
        ...shared,
        Recipient: address,
        ReceivedAt: when,
        Platform: "Unknown",
        UserAgent: userAgent,
        Client: { Name: "", Company: "", Family: "" },
        OS: { Name: "", Company: "", Family: "" },
        Geo: {}, // addresses of people's machines are not kept
        ...(happening === "opened"
          ? { FirstOpen: false, ReadSeconds: 0 }
          : { ClickLocation: "HTML", OriginalLink: url }),
      };
    case "unsubscribed":
      return {
        ...shared,
        Recipient: address,
        ChangedAt: when,
        Origin: "Recipient",
        SuppressSending: true,
        SuppressionReason: "ManualSuppression",
      };
    default: {
      const { Description, ...bounce } = BOUNCES[happening] ?? BOUNCES["bounced-soft"]!;
      return {
        ...shared,
        ...bounce,
        ID: numberOf(`${facts.spoolId} ${facts.eventId} ${n}`),
        Description,
        Details: said,
        Email: address,
        From: facts.author,
        BouncedAt: when,
        DumpAvailable: false,
        CanActivate: false,
        Subject: "", // not kept: a subject may hold a secret
      };
    }
  }
}

/** Ids of bounces are numbers there: 52 bits of a hash, so that they tell nothing and fit a double. */
const numberOf = (text: string): number => Number(createHash("sha256").update(text).digest().readBigUInt64BE() >> 12n);
