import { createHash } from "node:crypto";
import { type Happening, VENDOR_WORDS, happeningOf } from "../../../mail/index.ts";
import type { EventEntry } from "../../../spool/index.ts";
import { severityOf } from "./event-query.ts";

const LEVELS: Readonly<Partial<Record<Happening, string>>> = {
  deferred: "warn",
  delayed: "warn",
  complained: "warn",
  refused: "warn",
  "bounced-hard": "error",
  "bounced-soft": "error",
  expired: "error",
  suppressed: "error",
};
/** "Tracking Failures": why, in a word of theirs, and the code that goes with it. */
const FAILURES: Readonly<Partial<Record<Happening, readonly [reason: string, code: number, description: string]>>> = {
  deferred: ["generic", 450, ""],
  delayed: ["generic", 450, ""],
  "bounced-hard": ["bounce", 550, ""],
  "bounced-soft": ["generic", 552, ""],
  expired: ["old", 602, "Too old"],
  suppressed: ["suppress-bounce", 605, "Not delivering to an address on the suppression list"],
};

const domainOf = (address: string): string => address.slice(address.lastIndexOf("@") + 1);

/** An event as "Event Structure" has it; the subject is not kept, and where a mail was opened neither. */
export function eventThere(entry: EventEntry): { event: string; timestamp: number } & Record<string, unknown> {
  const { message, at, spoolId, key } = entry;
  const recipient = entry.recipient ?? "";
  const happening = happeningOf(entry)!;
  const tags = Object.entries(message.tags);
  return {
    id: createHash("sha256").update(`${spoolId} ${key}`).digest("base64url").slice(0, 22),
    event: VENDOR_WORDS.mailgun[happening] ?? "",
    timestamp: at / 1_000,
    "log-level": LEVELS[happening] ?? "info",
    recipient,
    "recipient-domain": domainOf(recipient),
    domain: { name: domainOf(message.author) },
    tags: tags.filter(([, value]) => value === "").map(([name]) => name),
    campaigns: [],
    "user-variables": Object.fromEntries(tags.filter(([, value]) => value !== "")),
    flags: { "is-routed": false, "is-authenticated": true, "is-system-test": false, "is-test-mode": false },
    envelope: { transport: "smtp", sender: message.author, targets: recipient },
    storage: { key: spoolId },
    message: {
      headers: {
        to: recipient,
        "message-id": message.headerMessageId.replace(/^<|>$/g, ""),
        from: message.author,
        subject: "",
      },
      attachments: [],
    },
    ...particulars(entry, happening),
  };
}

function particulars(entry: EventEntry, happening: Happening): Record<string, unknown> {
  const failure = FAILURES[happening];
  const said = entry.response ?? entry.reason ?? "";
  if (failure) {
    const [reason, code, description] = failure;
    const status = {
      code: entry.replyCode ?? code,
      message: description === "Too old" ? description : said,
      description,
      "attempt-no": entry.attempt ?? 1,
      "session-seconds": 0,
    };
    return { severity: severityOf(happening), reason, "delivery-status": status };
  }
  const url = entry.detail["url"];
  const userAgent = entry.detail["userAgent"];
  const client = { "client-info": { "user-agent": typeof userAgent === "string" ? userAgent : "" } };
  switch (happening) {
    case "accepted":
      return { method: "HTTP" };
    case "delivered":
      return {
        "delivery-status": {
          code: entry.replyCode ?? 250,
          message: said,
          description: "",
          "attempt-no": entry.attempt ?? 1,
          "session-seconds": 0,
        },
      };
    case "refused":
      return { reject: { reason: said, description: "" } };
    case "opened":
      return client;
    case "clicked":
      return { ...client, ...(typeof url === "string" ? { url } : {}) };
    default:
      return {};
  }
}
