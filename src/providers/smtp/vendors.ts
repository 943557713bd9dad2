import type { SmtpVendor } from "../../config/index.ts";
import { type ReadAnswer, type Row, type Stage, outcomeByRow, outcomeOf } from "./outcomes.ts";

/**
 * What the relays of email services say of their customer's account, beyond what any server says (outcomes.ts). Such a relay
 * answers for itself: it asks no recipient's server first, so its words about limits, senders and reviews are about us, at
 * whatever command they come. Without these rows, words that come after the text would end a message that another provider may carry.
 */
const NOT_OF_A_RECIPIENT: readonly Stage[] = ["greeting", "hello", "auth", "mail", "data", "text"];

/** Any relay of a service. The services' own words that led to each pattern stand beside it. */
const RELAY: readonly Row[] = [
  ...both(
    // Mailgun: "Domain … is not allowed to send: Please activate your Mailgun account" with 421 (issue Monstarrrr/rebutify 162,
    // 2024), "The domain is not allowed to send: Account Terminated" and "account … temporarily disabled", for which a business
    // verification is due (Mailgun help 202850080, seen 2026-11-25). Brevo: "502 5.7.0 Your SMTP account is not yet activated"
    // (issue supabase/agent-skills 133, 2026). SendGrid: "Your account is temporarily under review" (issue sendgrid/docs 5985).
    // Postmark: "account is pending approval" (API error 412), "may not send" (413; Postmark API overview, seen 2026-11-25).
    // Mailjet: accounts "blocked, limited, suspended" (Mailjet documentation 360053556214, seen 2026-11-25).
    /\bnot allowed to send\b|\bnot (?:yet |been )?activated\b|\bactivate your\b|\bunder review\b|\bpending (?:approval|review|activation)\b|\bmay not send\b|\bbusiness verification\b|\baccount\b.{0,40}\b(?:disabled|deactivated|blocked|locked|banned|closed|terminated|limited|restricted|frozen)\b/i,
    "account-suspended",
  ),
  ...both(
    // SendGrid: "451 Authentication failed: Maximum credits exceeded" (SMTP errors and troubleshooting, seen 2026-11-25). SES:
    // "454 Throttling failure: Daily message quota exceeded" (SES developer guide, sending quotas, seen 2026-11-25). Resend: daily and
    // monthly quota (Resend errors, seen 2026-11-25).
    /\b(?:credits?|daily|monthly|hourly|sending|recipient|plan)\b.{0,30}\b(?:limit|quota|credits?|exceeded|exhausted|reached)\b|\bexceed(?:s|ed)?\b.{0,30}\b(?:limits?|quota|credits?)\b/i,
    "quota-exhausted",
  ),
  {
    // SendGrid: "403 You are not authorized to send from that email address", "The from address does not match a verified Sender
    // Identity" (as above). Resend: "The … domain is not verified" (as above). SparkPost: "550 5.7.1 Unconfigured Sending Domain"
    // (SparkPost, Error messages when using SMTP, February 2020). Mailjet: "550 Sender not allowed" (smtptester.org, seen
    // 2026-11-25). SES: "Email address is not verified" (SES developer guide, email sending errors, seen 2026-11-25). Postmark:
    // sender signature missing or unconfirmed (API errors 400, 401).
    at: NOT_OF_A_RECIPIENT,
    code: "xxx",
    says: /\bnot verified\b|\bverified sender\b|\bunconfigured sending domain\b|\bsender\b.{0,30}\b(?:not allowed|not authorized|not validated|rejected)\b|\bnot (?:authorized|allowed|permitted)\b.{0,20}\bfrom\b|\bsender signature\b/i,
    kind: "rejected",
    scope: "account",
    cause: "sender-refused",
  },
];

/** 5xx: not by itself again; 4xx: it may pass. */
function both(says: RegExp, cause: string): Row[] {
  const row = { at: NOT_OF_A_RECIPIENT, says, scope: "account" as const, cause };
  return [
    { ...row, code: "5xx", kind: "rejected" },
    { ...row, code: "4xx", kind: "deferred" },
  ];
}

type Relay = { hosts: RegExp; rows: readonly Row[] };

/** Each service's hosts, as its customers are told to set them, and rows that are true of it alone; they count first. */
const RELAYS: Readonly<Record<SmtpVendor, Relay>> = {
  sendgrid: { hosts: /^smtp\.(?:eu\.)?sendgrid\.net$/, rows: [] },
  mandrill: { hosts: /^smtp\.mandrillapp\.com$/, rows: [] },
  ses: {
    hosts: /^email-smtp(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?$/,
    rows: [
      // A user whose policy does not let it send: "554 Access denied: User … is not authorized to perform ses:SendRawEmail" (SES
      // developer guide, SMTP response codes, seen 2026-11-25).
      {
        at: ["mail", "data", "text"],
        code: "554",
        says: /\baccess denied\b/i,
        kind: "rejected",
        scope: "account",
        cause: "auth-refused",
      },
      // The rate is no quota: a second later it may go.
      { code: "454", says: /\bsending rate\b/i, kind: "deferred", scope: "account", cause: "rate-limited" },
    ],
  },
  mailgun: { hosts: /^smtp(?:\.eu)?\.mailgun\.org$/, rows: [] },
  postmark: { hosts: /^smtp(?:-broadcasts)?\.postmarkapp\.com$/, rows: [] },
  resend: { hosts: /^smtp\.resend\.com$/, rows: [] },
  brevo: { hosts: /^smtp-relay\.(?:brevo|sendinblue)\.com$/, rows: [] },
  mailjet: { hosts: /^in(?:-v3)?\.mailjet\.com$/, rows: [] },
  sparkpost: { hosts: /^smtp(?:\.eu)?\.sparkpostmail\.com$/, rows: [] },
  mailersend: { hosts: /^smtp\.mailersend\.net$/, rows: [] },
  mailtrap: { hosts: /^(?:live|bulk)\.smtp\.mailtrap\.io$/, rows: [] },
  // Everybody's own installation: only the configuration can tell.
  postal: { hosts: /^(?!)/, rows: [] },
  // godocs.unisender.ru/smtp-api, seen 2026-11-25.
  "unisender-go": { hosts: /^smtp\.go[12]\.unisender\.ru$/, rows: [] },
};

/** Whose relay a host is; null where it is nobody's that is known here. */
export function vendorOf(host: string): SmtpVendor | null {
  const found = Object.entries(RELAYS).find(([, { hosts }]) => hosts.test(host.toLowerCase()));
  return found ? (found[0] as SmtpVendor) : null;
}

/** How answers of that server are read. A 2xx after the text is read the same way everywhere (claims.ts). */
export function answersOf(vendor: SmtpVendor | null): ReadAnswer {
  if (vendor === null) return outcomeOf;
  const rows = [...RELAYS[vendor].rows, ...RELAY];
  return (stage, reply) => (reply.code >= 400 ? outcomeByRow(rows, stage, reply) : null) ?? outcomeOf(stage, reply);
}
