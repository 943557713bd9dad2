import { createHmac } from "node:crypto";
import { VENDOR_WORDS } from "../../mail/index.ts";
import { type Dialect, json, labelsOf, seconds, NOT_KEPT, type Told } from "./dialect.ts";
import type { Telling } from "./telling.ts";

/**
 * Mandrill: a form with one field, `mandrill_events`, which holds an array; signed as HMAC-SHA1 in base64 over the webhook's
 * address, then each field's name and value ("How to Authenticate Webhook Requests", mandrill.zendesk.com 360039232513;
 * "Message Event Webhook Format", 205583307; seen 2026-11-25). The secret is the webhook's key.
 */
export const mandrill: Dialect = {
  recipientsAtOnce: 500,
  enough: [],
  notice(telling, told, { url, secret }) {
    const events = json(told.map((one) => eventOf(telling, one))).toString();
    const signature = createHmac("sha1", secret.reveal()).update(`${url}mandrill_events${events}`).digest("base64");
    return {
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "x-mandrill-signature": signature,
        "user-agent": "Mandrill-Webhook/1.0 (Postern)",
      },
      body: Buffer.from(new URLSearchParams({ mandrill_events: events }).toString()),
    };
  },
};

function eventOf(telling: Telling, { address }: Told): Record<string, unknown> {
  const { facts, happening, said, url, userAgent } = telling;
  const event = VENDOR_WORDS.mandrill[happening]!;
  const id = facts.spoolId.replaceAll("-", ""); // as messages/send answered
  const ts = seconds(facts.at);
  const hasAgent = happening === "opened" || happening === "clicked";
  const { tags, metadata } = labelsOf(facts);
  const { _template: template = null, ...own } = metadata; // as accept/compat/mandrill keeps it
  const failed = STATES[event] === "bounced" || STATES[event] === "soft-bounced";
  return {
    event,
    ts,
    _id: id,
    ...(happening === "clicked" ? { url } : {}),
    ...(hasAgent ? { ip: NOT_KEPT, user_agent: userAgent, location: null, user_agent_parsed: null } : {}),
    msg: {
      ts: seconds(facts.acceptedAt),
      _id: id,
      _version: "",
      state: STATES[event] ?? "sent",
      subject: "", // not kept: a subject may hold a secret
      email: address,
      sender: facts.author,
      tags,
      metadata: own,
      opens: happening === "opened" ? [{ ts, ip: NOT_KEPT, location: null, ua: userAgent }] : [],
      clicks: happening === "clicked" ? [{ ts, url, ip: NOT_KEPT, location: null, ua: userAgent }] : [],
      smtp_events:
        event === "deferral" ? [{ ts, type: "deferred", diag: said, source_ip: "", destination_ip: "", size: 0 }] : [],
      resends: [],
      subaccount: null,
      template,
      ...(failed ? { bounce_description: DESCRIPTIONS[happening] ?? "general", diag: said } : {}),
      ...(event === "reject"
        ? { reject: { reason: happening === "suppressed" ? "custom" : "rule", detail: said } }
        : {}),
    },
  };
}

/** `msg.state` of each event. */
const STATES: Readonly<Record<string, string>> = {
  deferral: "deferred",
  hard_bounce: "bounced",
  soft_bounce: "soft-bounced",
  spam: "spam",
  unsub: "unsub",
  reject: "rejected",
};

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  "bounced-hard": "bad_mailbox",
  expired: "timeout",
};
