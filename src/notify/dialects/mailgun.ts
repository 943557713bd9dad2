import { createHash, createHmac } from "node:crypto";
import { VENDOR_WORDS } from "../../mail/index.ts";
import { type Dialect, json, labelsOf, seconds, NOT_KEPT, type Told } from "./dialect.ts";
import type { Telling } from "./telling.ts";

/**
 * Mailgun's webhooks: a JSON document for each recipient, in whose body stands an HMAC-SHA256 in hex over timestamp and
 * token ("Securing Webhooks", "Webhook Payloads", Mailgun manual, seen 2026-11-25). The secret is the webhook signing key.
 * Each try has a time and a token of its own: a receiver that noted a token and then failed would refuse the next try as a
 * replay. Events are known again by `event-data.id`.
 */
export const mailgun: Dialect = {
  recipientsAtOnce: 1,
  enough: [406], // "If Mailgun receives a 406 (Not Acceptable) code, it will determine the POST is rejected and not retry."
  notice(telling, told, { secret }, now) {
    const key = secret.reveal();
    const data = dataOf(telling, told[0]!);
    const timestamp = String(seconds(now));
    // 50 digits as Mailgun's; keyed, so that nobody can tell it beforehand.
    const token = createHmac("sha256", key).update(`token ${data.id} ${now}`).digest("hex").slice(0, 50);
    const signature = createHmac("sha256", key)
      .update(timestamp + token)
      .digest("hex");
    return {
      headers: { "content-type": "application/json", "user-agent": "mailgun/treq (Postern)" },
      body: json({ signature: { timestamp, token, signature }, "event-data": data }),
    };
  },
};

function dataOf(telling: Telling, { address, n }: Told): { id: string } & Record<string, unknown> {
  const { facts, happening } = telling;
  const { tags, metadata } = labelsOf(facts);
  const domain = facts.author.slice(facts.author.lastIndexOf("@") + 1);
  return {
    id: createHash("sha256").update(`${facts.spoolId} ${facts.eventId} ${n}`).digest("base64url").slice(0, 22),
    event: VENDOR_WORDS.mailgun[happening],
    timestamp: facts.at / 1000,
    "log-level": LEVELS[happening] ?? "info",
    recipient: address,
    "recipient-domain": address.slice(address.lastIndexOf("@") + 1),
    domain: { name: domain },
    tags,
    campaigns: [],
    "user-variables": metadata,
    flags: { "is-routed": false, "is-authenticated": true, "is-system-test": false, "is-test-mode": false },
    envelope: { sender: facts.returnPath, transport: "smtp", targets: address },
    message: {
      headers: {
        "message-id": facts.headerMessageId.replace(/^<|>$/g, ""), // without the brackets the messages API gives it in
        from: facts.author,
        to: address,
        subject: "", // not kept: a subject may hold a secret
      },
      attachments: [],
    },
    ...particularsOf(telling),
  };
}

const LEVELS: Readonly<Record<string, string>> = {
  deferred: "warn",
  complained: "warn",
  "bounced-hard": "error",
  "bounced-soft": "error",
  refused: "warn",
  expired: "error",
  suppressed: "error",
};

function particularsOf(telling: Telling): Record<string, unknown> {
  const { happening, said, code, attempt, url, userAgent } = telling;
  const status = (otherwise: number, message = said, description = "") => ({
    "delivery-status": { code: code ?? otherwise, message, description, "attempt-no": attempt, "session-seconds": 0 },
  });
  const failed = (severity: "permanent" | "temporary", reason: string) => ({ severity, reason });
  const client = {
    ip: NOT_KEPT,
    geolocation: { country: "Unknown", region: "Unknown", city: "Unknown" },
    "client-info": {
      "client-type": "",
      "client-os": "",
      "device-type": "",
      "client-name": "",
      "user-agent": userAgent,
    },
  };
  switch (happening) {
    case "accepted":
      return { method: "HTTP" };
    case "delivered":
      return status(250);
    case "deferred":
    case "delayed":
      return { ...failed("temporary", "generic"), ...status(450) };
    case "bounced-hard":
      return { ...failed("permanent", "bounce"), ...status(550) };
    case "bounced-soft":
      return { ...failed("permanent", "generic"), ...status(552) };
    case "expired":
      return { ...failed("permanent", "old"), ...status(602, "Too old") };
    case "suppressed":
      return {
        ...failed("permanent", "suppress-bounce"),
        ...status(605, "", "Not delivering to an address on the suppression list"),
      };
    case "refused":
      return { reject: { reason: said, description: "" } };
    case "opened":
      return client;
    case "clicked":
      return { ...client, url };
    default:
      return {};
  }
}
