/**
 * What is found in an account that is adopted. Each reader gives these one by one, in pages as they come, so that what was
 * read is kept where the rest cannot be. Nothing here is a secret: keys are names and dates, addresses of webhooks have
 * neither password nor query.
 */
export type AccountPart =
  | "account"
  | "senders"
  | "domains"
  | "templates"
  | "suppressions"
  | "webhooks"
  | "keys"
  | "subaccounts";

export type RecordPurpose = "DKIM" | "return path" | "SPF" | "ownership" | "tracking";
/** What the provider wants to find in the DNS; `isFound`: it says that it does, or does not. */
export type DnsRecord = {
  purpose: RecordPurpose;
  type: "TXT" | "CNAME" | "MX";
  name: string;
  value: string;
  isFound: boolean | null;
};

/** Languages of templates, as docs/templates.md names them. */
export type FoundDialect = "handlebars" | "mailchimp" | "mustachio" | "resend" | "substitution";

export type FoundVersion = {
  label: string;
  subject: string | null;
  html: string | null;
  text: string | null;
  fallbacks?: Readonly<Record<string, string | number>>;
  /** Goes out there. */
  isActive: boolean;
};

/** A template as the account has it. `versions` are in the order in which they were made, the newest last. */
export type FoundTemplate = {
  /** What the provider knows it by, in words that a person finds it with. */
  id: string;
  /** What an application calls it by. */
  name: string;
  aliases: readonly string[];
  /** Where the provider's id is one, so that applications which call it by that still do. */
  uuid: string | null;
  displayName: string;
  dialect: FoundDialect;
  from: string | null;
  replyTo: string | null;
  labels: readonly string[];
  versions: readonly FoundVersion[];
  /** Why it cannot be adopted at all, whatever its sources say. */
  obstacle: string | null;
};

export type FoundSuppression = {
  address: string;
  kind: "bounced" | "complained" | "unsubscribed" | "invalid" | "manual";
  /** In the provider's words, cut. */
  detail: string;
  at: number | null;
};

export type AccountItem =
  | { part: "account"; fact: "indexed-metadata"; name: string }
  | { part: "account"; fact: "state"; text: string }
  | { part: "senders"; address: string; isVerified: boolean | null }
  | { part: "domains"; domain: string; isVerified: boolean | null; records: readonly DnsRecord[] }
  | { part: "templates"; template: FoundTemplate }
  | { part: "suppressions"; suppression: FoundSuppression }
  /** Of those that are not adopted: how many at once, and why. */
  | { part: "suppressions"; left: number; because: string }
  | { part: "webhooks"; id: string; url: string; events: readonly string[] }
  | { part: "keys"; name: string; createdAt: number | null; lastUsedAt: number | null }
  | { part: "subaccounts"; name: string; state: string | null };

/** refused: this key may not · unavailable: no answer, now · unreadable: an answer nobody understands · too-long: more than is read. */
export type Because = "refused" | "unavailable" | "unreadable" | "too-long";

/** `read`: the part is whole. `missing`: what came of it before is all there will be. */
export type AccountReading =
  | ({ kind: "item" } & AccountItem)
  | { kind: "read"; part: AccountPart }
  | { kind: "missing"; part: AccountPart; because: Because; reason: string }
  /** The API has no call for it: to be looked up by a person. */
  | { kind: "not-listed"; part: AccountPart; reason: string };
