import type { Outcome, OutcomeKind, OutcomeScope } from "../../mail/index.ts";
import { outcomeOfClaim } from "./claims.ts";
import { diagnosticOf } from "../diagnostic.ts";
import { enhancedStatusOf, ownWordsOf, type Reply } from "./replies.ts";

/** The question that was answered. `text`: after the final dot (or the last chunk). */
export type Stage = "greeting" | "hello" | "tls" | "auth" | "mail" | "rcpt" | "data" | "text";

/** What an answer that does not let the dialogue go on, or that ends it, means. */
export type ReadAnswer = (stage: Stage, reply: Reply) => Outcome;

/** One line of the table: the first one that fits counts. What a line leaves out fits anything. */
export type Row = {
  at?: readonly Stage[];
  /** Of the reply code, an x fits any digit. */
  code: string;
  enhanced?: RegExp;
  /** Of the server's own words; only for what no code tells. */
  says?: RegExp;
  kind: Extract<OutcomeKind, "deferred" | "rejected">;
  scope: OutcomeScope;
  cause: string;
};

const ENVELOPE: readonly Stage[] = ["mail", "rcpt", "data"];
const OF_US: readonly Stage[] = ["greeting", "hello", "auth", "mail", "data"];

/** No code says that an account may not send any more. smtp2go: "552 ... account has been suspended" (gophish issue 720, seen
 * 2026-11-23); SES: "Sending suspended for this account", "Account is paused" (SES developer guide, seen 2026-11-24). */
const SUSPENDED = /\b(?:suspended|terminated|deactivated|account (?:is |has been )?paused|sending paused)\b/i;
const CLOSED = /\baccount\b.{0,40}\b(?:disabled|blocked|locked|banned|closed)\b/i;
/** SES: "454 Throttling failure: Maximum sending rate exceeded" (SES developer guide, seen 2026-11-24); SendGrid: "too many
 * messages", "too frequent connects" (SendGrid SMTP errors page, seen 2026-11-24). */
const TOO_FAST = /throttl|\btoo (?:many|much|fast|frequent)|\brate\b|\bquota\b|\bslow down\b/i;

/**
 * What a refusal means, by where it came and its codes. RFC 5321 §4.2.2–3 (2008), RFC 3463 (2003) and the IANA registry
 * of enhanced codes (seen 2026-11-24), RFC 4954 §4–6, RFC 3207 §4, RFC 6531 §3.5.
 */
const ROWS: readonly Row[] = [
  // The recipient's own mailbox, as far as a code says so; first, because texts about it speak of accounts too.
  { at: ["rcpt"], code: "5xx", enhanced: /^5\.1\.[78]$/, kind: "rejected", scope: "account", cause: "sender-refused" },
  {
    at: ["rcpt"],
    code: "5xx",
    enhanced: /^5\.(?:1\.\d+|2\.[01])$/,
    kind: "rejected",
    scope: "recipient",
    cause: "mailbox-unavailable",
  },
  { at: ["rcpt"], code: "5xx", enhanced: /^5\.2\.2$/, kind: "rejected", scope: "recipient", cause: "mailbox-full" },
  { at: ["rcpt"], code: "4xx", enhanced: /^4\.2\.2$/, kind: "deferred", scope: "recipient", cause: "mailbox-full" },
  {
    at: ["text"],
    code: "5xx",
    enhanced: /^5\.(?:1\.[0-69]\d*|2\.[01])$/,
    kind: "rejected",
    scope: "message",
    cause: "mailbox-unavailable",
  },
  { at: ["text"], code: "5xx", enhanced: /^5\.2\.2$/, kind: "rejected", scope: "message", cause: "mailbox-full" },

  // The account.
  { code: "5xx", says: SUSPENDED, kind: "rejected", scope: "account", cause: "account-suspended" },
  { code: "4xx", says: SUSPENDED, kind: "deferred", scope: "account", cause: "account-suspended" },
  { at: OF_US, code: "5xx", says: CLOSED, kind: "rejected", scope: "account", cause: "account-suspended" },
  { code: "538", kind: "rejected", scope: "account", cause: "encryption-required" }, // RFC 4954 §6
  { code: "5xx", enhanced: /^5\.7\.11$/, kind: "rejected", scope: "account", cause: "encryption-required" },
  { code: "530", says: /\bSTARTTLS\b/i, kind: "rejected", scope: "account", cause: "encryption-required" }, // RFC 3207 §4
  { code: "530", kind: "rejected", scope: "account", cause: "auth-required" }, // RFC 4954 §6
  { code: "53x", kind: "rejected", scope: "account", cause: "auth-refused" }, // RFC 4954 §6: 534, 535
  { code: "5xx", enhanced: /^5\.7\.[89]$/, kind: "rejected", scope: "account", cause: "auth-refused" },
  { at: ["auth"], code: "5xx", kind: "rejected", scope: "account", cause: "auth-refused" },
  { at: ["tls"], code: "xxx", kind: "deferred", scope: "account", cause: "tls-unavailable" }, // RFC 3207 §4: 454, 501
  { code: "xxx", enhanced: /^[45]\.5\.3$/, kind: "deferred", scope: "recipient", cause: "too-many-recipients" }, // RFC 3463 §3.6
  { code: "4xx", says: TOO_FAST, kind: "deferred", scope: "account", cause: "rate-limited" },
  { code: "4xx", enhanced: /^4\.7\.28$/, kind: "deferred", scope: "account", cause: "rate-limited" }, // Gmail's, since 2017
  { at: ["auth"], code: "4xx", kind: "deferred", scope: "account", cause: "auth-unavailable" }, // RFC 4954 §6: 454
  { code: "421", kind: "deferred", scope: "account", cause: "service-unavailable" }, // RFC 5321 §3.8
  { at: ["greeting", "hello"], code: "4xx", kind: "deferred", scope: "account", cause: "service-unavailable" },
  { at: ["greeting", "hello"], code: "5xx", kind: "rejected", scope: "account", cause: "service-refused" }, // RFC 5321 §3.1: 554

  // What this provider can carry; another one may.
  { code: "5xx", enhanced: /^5\.6\.[79]$/, kind: "rejected", scope: "account", cause: "smtputf8-not-supported" }, // RFC 6531 §3.5
  { code: "5xx", enhanced: /^5\.6\.3$/, kind: "rejected", scope: "account", cause: "eightbit-not-supported" }, // RFC 3463 §3.7
  { code: "5xx", enhanced: /^5\.(?:3\.4|2\.3)$/, kind: "rejected", scope: "account", cause: "message-too-large" }, // RFC 1870 §6
  { at: ["rcpt"], code: "552", kind: "deferred", scope: "recipient", cause: "too-many-recipients" }, // RFC 5321 §4.5.3.1.10
  { at: ["mail", "data", "text"], code: "552", kind: "rejected", scope: "account", cause: "message-too-large" },
  { at: ENVELOPE, code: "5xx", enhanced: /^5\.7\.\d+$/, kind: "rejected", scope: "account", cause: "not-permitted" },
  { at: ENVELOPE, code: "50x", enhanced: /^5\.5\.\d+$/, kind: "rejected", scope: "account", cause: "command-refused" },
  { at: ["mail", "data"], code: "50x", kind: "rejected", scope: "account", cause: "command-refused" },
  { at: ["rcpt"], code: "503", kind: "rejected", scope: "account", cause: "command-refused" },
  { at: ENVELOPE, code: "555", kind: "rejected", scope: "account", cause: "command-refused" }, // RFC 5321 §4.1.1.11
  { at: ["mail"], code: "5xx", kind: "rejected", scope: "account", cause: "sender-refused" },
  { at: ["text"], code: "5xx", enhanced: /^5\.1\.[78]$/, kind: "rejected", scope: "account", cause: "sender-refused" },
  // SES, "554 Message rejected: Email address is not verified" (AWS re:Post, seen 2026-11-24).
  { at: ["text"], code: "554", says: /\bnot verified\b/i, kind: "rejected", scope: "account", cause: "sender-refused" },

  // What is left speaks of what was asked.
  { at: ["rcpt"], code: "554", kind: "rejected", scope: "recipient", cause: "recipient-refused" },
  { at: ["rcpt"], code: "55x", kind: "rejected", scope: "recipient", cause: "mailbox-unavailable" }, // RFC 5321 §4.2.3
  { at: ["rcpt"], code: "5xx", kind: "rejected", scope: "recipient", cause: "recipient-refused" },
  { at: ["text"], code: "5xx", enhanced: /^5\.7\.\d+$/, kind: "rejected", scope: "message", cause: "policy-refused" },
  { at: ["data", "text"], code: "5xx", kind: "rejected", scope: "message", cause: "message-refused" },
  { at: ["rcpt"], code: "4xx", kind: "deferred", scope: "recipient", cause: "temporary-failure" },
  { code: "4xx", kind: "deferred", scope: "message", cause: "temporary-failure" },
];

/** What an answer that does not let the dialogue go on means. A 2xx after the text is a claim: claims.ts. */
export function outcomeOf(stage: Stage, reply: Reply): Outcome {
  if (stage === "text" && reply.code < 300) return outcomeOfClaim(reply);
  return (
    outcomeByRow(ROWS, stage, reply) ?? {
      // No line fits: a 2xx or 3xx where none belongs. After the text it may mean anything; before it, nothing was sent.
      kind: stage === "text" ? "indeterminate" : "deferred",
      scope: stage === "text" ? "message" : "account",
      cause: "protocol-error",
      ...saidIn(reply),
    }
  );
}

/** By the first line of a table that fits; null where none does. */
export function outcomeByRow(rows: readonly Row[], stage: Stage, reply: Reply): Outcome | null {
  const enhancedStatus = enhancedStatusOf(reply);
  const words = ownWordsOf(reply.text).join(" ");
  const row = rows.find(
    (one) =>
      (one.at === undefined || one.at.includes(stage)) &&
      codeFits(one.code, reply.code) &&
      (one.enhanced === undefined || (enhancedStatus !== undefined && one.enhanced.test(enhancedStatus))) &&
      (one.says === undefined || one.says.test(words)),
  );
  return row ? { kind: row.kind, scope: row.scope, cause: row.cause, ...saidIn(reply) } : null;
}

function saidIn(reply: Reply): Pick<Outcome, "replyCode" | "enhancedStatus" | "diagnostic"> {
  const enhancedStatus = enhancedStatusOf(reply);
  return {
    replyCode: reply.code,
    ...(enhancedStatus === undefined ? {} : { enhancedStatus }),
    ...(reply.text === "" ? {} : { diagnostic: diagnosticOf(reply.text) }),
  };
}

const codeFits = (form: string, code: number): boolean => {
  const digits = String(code);
  return [0, 1, 2].every((at) => form[at] === "x" || form[at] === digits[at]);
};

/**
 * Causes of `rejected` with scope `account` that speak of what this provider may or can carry for this message, not of how
 * the account stands: another provider may carry it, and the next message may go here again.
 */
export const LIMITS_OF_THE_PROVIDER: ReadonlySet<string> = new Set([
  "eightbit-not-supported",
  "smtputf8-not-supported",
  "message-too-large",
  "sender-refused",
  "not-permitted",
  "command-refused",
  "not-expressible",
  "attachment-refused",
  "recipient-suppressed",
  // A recipient's own server does not want it from us, or not as safely as it must go: direct-mx/outcomes.ts.
  "sending-address-refused",
  "sender-unauthenticated",
  "tls-required",
  "mx-not-public",
]);
