import type { CanaryTolerance, ProviderSettings } from "../../config/index.ts";

/** What a provider may put into the header section of a mail, and which domains are its own. */
export type Known = { mayAdd: (field: string) => boolean; isItsOwn: (domain: string) => boolean; hasDomains: boolean };

/** Of any mail, by any hop (RFC 5322 §3.6, RFC 5321 §4.4, RFC 6376, RFC 8601, RFC 8617), and what is sent by us. */
const USUAL =
  /^(?:received|return-path|dkim-signature|domainkey-signature|arc-.+|authentication-results|x-received|delivered-to|message-id|date|from|sender|to|subject|reply-to|mime-version|content-.+|x-postern-.+|feedback-id|x-google-.+)$/;

type Vendor = { fields: RegExp; domains: readonly string[] };
/** As seen in their mail, November 2026. What is not listed is told once per canary and no more: it is no fault. */
const VENDORS: Readonly<Record<string, Vendor>> = {
  mandrill: {
    fields: /^(?:x-mandrill-.+|x-mc-.+|x-report-abuse|x-mailer|list-unsubscribe)$/,
    domains: ["mandrillapp.com", "mandrill.com", "mcsv.net", "mcdlv.net", "mailchimpapp.net"],
  },
  sendgrid: {
    fields: /^(?:x-sg-.+|x-entity-id|x-feedback-id)$/,
    domains: ["sendgrid.net", "sendgrid.info", "sendgrid.com"],
  },
  postmark: {
    fields: /^(?:x-pm-.+|x-complaints-to|x-job|x-virus-.+)$/,
    domains: ["mtasv.net", "postmarkapp.com"],
  },
  mailgun: {
    fields: /^(?:x-mailgun-.+|x-feedback-id)$/,
    domains: ["mailgun.org", "mailgun.net", "mailgun.info", "mailgun.com"],
  },
  resend: { fields: /^(?:x-ses-.+|x-resend-.+)$/, domains: ["resend.com", "resend.dev", "amazonses.com"] },
  ses: { fields: /^x-ses-.+$/, domains: ["amazonses.com"] },
};
const NOTHING: Vendor = { fields: /^$/, domains: [] };

export function knownOf(provider: ProviderSettings | undefined, tolerance: CanaryTolerance | undefined): Known {
  const kind = provider?.kind === "smtp" ? (provider.vendor ?? "") : (provider?.kind ?? "");
  const { fields, domains } = VENDORS[kind] ?? NOTHING;
  const all = [...domains, ...(tolerance?.domains ?? [])];
  return {
    mayAdd: (field) => USUAL.test(field) || fields.test(field) || (tolerance?.headers.includes(field) ?? false),
    isItsOwn: (domain) => isWithin(domain, all),
    hasDomains: all.length > 0,
  };
}

export const isWithin = (domain: string, all: readonly string[]): boolean =>
  all.some((one) => domain === one || domain.endsWith(`.${one}`));
