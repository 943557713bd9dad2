import type { Outcome } from "../../mail/index.ts";
import { LIMITS_OF_THE_PROVIDER, outcomeByRow, outcomeOf, type Row, type Stage } from "../smtp/outcomes.ts";
import type { Reply } from "../smtp/replies.ts";

/**
 * The receiver keeps our address out, in words alone. Postfix: "554 5.7.1 Service unavailable; Client host [...] blocked
 * using zen.spamhaus.org" (smtpd_client_restrictions, default_rbl_reply); Outlook.com: "550 5.7.1 ... part of their network
 * is on our block list (S3150)"; Exchange Online: "5.7.606-649 Access denied, banned sending IP"; Yahoo: "553 5.7.1 [BL21]
 * Connections will not be accepted" (their pages, and Hetzner's on Microsoft's lists; seen 2026-11-25).
 */
const LISTED =
  /\bspamhaus\b|\bbarracuda|\bspamcop\b|\babusix\b|\bsorbs\b|\b(?:dns|r)bls?\b|\bblock ?list|\bblack ?list|\bblocked using\b|\bbanned sending ip\b|\bS31[45]0\b|\[BL\d\d\]/i;
/** Yahoo: "421 4.7.0 [TSS04] Messages from ... temporarily deferred due to unexpected volume or user complaints" (sender
 * hub, seen 2026-11-25); Gmail: "unusual rate of unsolicited mail" (below). */
const TOO_MUCH = /\[TSS?\d\d\]|\bunusual rate\b|\bunexpected volume\b|\buser complaints\b/i;
const GREYLISTED = /\bgr[ae]y-?list|\bpostgrey\b/i;
/** Of a mailbox: here nobody has an account of ours. Gmail: "The email account that you tried to reach is disabled". */
const MAILBOX_SHUT = /\b(?:suspended|disabled|deactivated|terminated|inactive|paused)\b/i;
/** Gmail: "421 4.7.0 TLS required for RCPT domain, closing connection". */
const TLS_ONLY = /\bTLS required\b|\bSTARTTLS\b/i;

/**
 * What servers of recipients say of whoever sends directly; before the common table (smtp/outcomes.ts), whose "account" is
 * one at a provider. Gmail SMTP errors and codes (support.google.com/a/answer/3726730), NDRs of Exchange Online, Yahoo's
 * sender hub, the IANA registry of enhanced codes (X.7.20–29): all seen 2026-11-25.
 */
const ROWS: readonly Row[] = [
  { code: "530", says: TLS_ONLY, kind: "rejected", scope: "account", cause: "tls-required" },
  { code: "421", says: TLS_ONLY, kind: "rejected", scope: "account", cause: "tls-required" },
  { code: "5xx", enhanced: /^5\.7\.(?:10|11)$/, kind: "rejected", scope: "account", cause: "tls-required" },
  {
    code: "5xx",
    enhanced: /^5\.7\.(?:6[0-4]\d|511)$/,
    kind: "rejected",
    scope: "account",
    cause: "sending-address-refused",
  },
  { code: "5xx", enhanced: /^5\.7\.(?:25|28)$/, kind: "rejected", scope: "account", cause: "sending-address-refused" },
  { code: "5xx", says: LISTED, kind: "rejected", scope: "account", cause: "sending-address-refused" },
  { code: "4xx", says: LISTED, kind: "deferred", scope: "recipient", cause: "sending-address-refused" },
  { code: "4xx", enhanced: /^4\.7\.25$/, kind: "deferred", scope: "recipient", cause: "sending-address-refused" },
  {
    code: "5xx",
    enhanced: /^5\.7\.(?:2[0-467]|30|32|515)$/,
    kind: "rejected",
    scope: "account",
    cause: "sender-unauthenticated",
  },
  {
    code: "4xx",
    enhanced: /^4\.7\.(?:2[0-467]|30|32)$/,
    kind: "deferred",
    scope: "recipient",
    cause: "sender-unauthenticated",
  },
  { code: "4xx", enhanced: /^4\.7\.28$/, kind: "deferred", scope: "recipient", cause: "rate-limited" },
  { code: "4xx", says: TOO_MUCH, kind: "deferred", scope: "recipient", cause: "rate-limited" },
  { code: "4xx", says: GREYLISTED, kind: "deferred", scope: "recipient", cause: "greylisted" },
  // "This host takes no mail": another host of the domain may.
  { at: ["greeting", "hello"], code: "521", kind: "deferred", scope: "recipient", cause: "service-unavailable" },
  { at: ["greeting", "hello"], code: "5xx", kind: "rejected", scope: "account", cause: "sending-address-refused" },
  { at: ["rcpt"], code: "5xx", says: MAILBOX_SHUT, kind: "rejected", scope: "recipient", cause: "mailbox-unavailable" },
  {
    at: ["data", "text"],
    code: "5xx",
    says: MAILBOX_SHUT,
    kind: "rejected",
    scope: "message",
    cause: "message-refused",
  },
  { at: ["mail"], code: "5xx", says: MAILBOX_SHUT, kind: "rejected", scope: "account", cause: "sender-refused" },
  // RFC 5321 §4.2.2: the receiver answers for a whole domain; 5.7.9 of Yahoo is a domain's own DMARC policy.
  { at: ["text"], code: "5xx", enhanced: /^5\.7\.[89]$/, kind: "rejected", scope: "message", cause: "policy-refused" },
];

/** What an answer of a recipient's own server means. */
export function outcomeOfReceiver(stage: Stage, reply: Reply): Outcome {
  return ofReceiver(outcomeByRow(ROWS, stage, reply) ?? outcomeOf(stage, reply));
}

/**
 * An outcome of the common table, in terms of a receiver: whatever it says, it says of its own domain. So a deferral never
 * speaks of all we could send to others, a refusal of "the account" is one of what may be sent from here to there, and
 * a 250 is what it says: who is asked is the one who delivers (RFC 5321 §6.1).
 */
export function ofReceiver(outcome: Outcome): Outcome {
  switch (outcome.kind) {
    case "deferred":
      return outcome.cause === "aborted" ? outcome : { ...outcome, scope: "recipient" };
    case "rejected":
      if (outcome.scope !== "account" || LIMITS_OF_THE_PROVIDER.has(outcome.cause)) return outcome;
      return { ...outcome, cause: outcome.cause === "encryption-required" ? "tls-required" : "not-permitted" };
    case "held":
      return outcome.cause === "unknown-answer"
        ? { ...outcome, scope: "recipient" }
        : { ...outcome, kind: "accepted", scope: "message", cause: "accepted" };
    case "indeterminate":
      return outcome.cause === "aborted" ? outcome : { ...outcome, scope: "recipient" };
    case "accepted":
      return outcome;
  }
}

/** Nobody was asked for anything yet, or the talk broke: another host of the domain may do better (RFC 5321 §5.1). */
export const BEFORE_ANYTHING: ReadonlySet<string> = new Set([
  "connection-refused",
  "connect-timeout",
  "host-unreachable",
  "connection-failed",
  "connection-lost",
  "reply-timeout",
  "protocol-error",
  "service-unavailable",
  "tls-unavailable",
  "tls-failed",
  "tls-certificate-invalid",
  "dane-mismatch",
]);

/** The way out may be shut, not the domain at its end: counted over domains (way-out.ts). */
export const PERHAPS_OURS: ReadonlySet<string> = new Set(["connect-timeout", "host-unreachable", "dns-failed"]);

export const deferredFor = (cause: string, diagnostic?: string): Outcome => ({
  kind: "deferred",
  scope: "recipient",
  cause,
  ...(diagnostic === undefined ? {} : { diagnostic }),
});
/** Another provider may carry it; it says nothing against this one. Only causes of LIMITS_OF_THE_PROVIDER. */
export const notFromHere = (cause: "tls-required" | "mx-not-public", diagnostic: string): Outcome => ({
  kind: "rejected",
  scope: "account",
  cause,
  diagnostic,
});
