import type { PostureItem, PostureKind } from "../account.ts";
import { type JsonRecord, listOf, recordOf, textOf, textsOf } from "../json-reading.ts";
import { factsOf, mark, targetFacts } from "./configuration-items.ts";

/**
 * What of a SendGrid account can be read, and how each list is paged. Paths and fields: OpenAPI files of twilio/sendgrid-oai
 * (domain authentication, verified senders, API keys, teammates, subusers, SSO, alerts, webhooks, mail settings, tracking
 * settings, IP access management, suppressions, templates, marketing contacts), seen 2026-11-25.
 */
export type ConfigurationList = {
  kind: PostureKind;
  path: string;
  /** The member that holds the list; null: the answer is the list. */
  name: string | null;
  /** Queries of the first and of each next page; `next` gives null after the last. */
  pages: { first: string; next(entries: readonly unknown[], json: unknown, page: number): string | null } | null;
  item(entry: JsonRecord, raw: unknown): PostureItem | null;
};

type Pages = NonNullable<ConfigurationList["pages"]>;
const offsetPages = (size: number): Pages => ({
  first: `limit=${size}&offset=0`,
  next: (entries, _, page) => (entries.length < size ? null : `limit=${size}&offset=${(page + 1) * size}`),
});

const SENDERS = 100;
const senderPages: ConfigurationList["pages"] = {
  first: `limit=${SENDERS}`,
  next(entries) {
    const last = textOf(recordOf(entries.at(-1))["id"]);
    return entries.length < SENDERS || last === null ? null : `limit=${SENDERS}&lastSeenID=${encodeURIComponent(last)}`;
  },
};

/** `_metadata.next` is an address; only its token is used, so that an answer cannot send us elsewhere. */
export const templatePages: Pages = {
  first: "page_size=200",
  next(_, json) {
    const next = textOf(recordOf(recordOf(json)["_metadata"])["next"]);
    const token =
      next !== null && URL.canParse(next, "http://x") ? new URL(next, "http://x").searchParams.get("page_token") : null;
    return token === null ? null : `page_size=200&page_token=${encodeURIComponent(token)}`;
  },
};

/** One item per entry, called by one of its fields. */
const plain =
  (kind: PostureKind, idField: string, fields: readonly string[], prefix = "") =>
  (entry: JsonRecord): PostureItem | null => {
    const id = textOf(entry[idField]);
    return id === null ? null : { kind, id: `${prefix}${id}`, facts: factsOf(entry, fields) };
  };

/** People whom the account sends nothing more to. Their addresses stay out of rows: a mark tells one from another. */
const suppression = (list: string): ConfigurationList => ({
  kind: "suppression",
  path: `/v3/suppression/${list}`,
  name: null,
  pages: offsetPages(500),
  item(entry) {
    const email = textOf(entry["email"]);
    return email === null ? null : { kind: "suppression", id: `${list}:${mark(email.toLowerCase())}`, facts: { list } };
  },
});

const EVENTS = [
  "processed",
  "delivered",
  "bounce",
  "deferred",
  "dropped",
  "spam_report",
  "open",
  "click",
  "unsubscribe",
];

export const LISTS: readonly ConfigurationList[] = [
  {
    kind: "domain",
    path: "/v3/whitelabel/domains",
    name: null,
    pages: offsetPages(50),
    item: plain("domain", "id", [
      "domain",
      "subdomain",
      "username",
      "valid",
      "default",
      "automatic_security",
      "custom_spf",
    ]),
  },
  {
    kind: "sender",
    path: "/v3/verified_senders",
    name: "results",
    pages: senderPages,
    item: plain("sender", "id", ["from_email", "reply_to", "verified", "locked"]),
  },
  { kind: "key", path: "/v3/api_keys", name: "result", pages: null, item: plain("key", "api_key_id", ["name"]) },
  {
    kind: "user",
    path: "/v3/teammates",
    name: "result",
    pages: offsetPages(500),
    item: plain("user", "username", ["email", "user_type", "is_admin"]),
  },
  {
    kind: "user",
    path: "/v3/teammates/pending",
    name: "result",
    pages: null,
    // Its token is what lets somebody in.
    item: (entry) => ({
      kind: "user",
      id: `pending:${textOf(entry["email"])}`,
      facts: { ...factsOf(entry, ["is_admin"]), scopesMark: mark(textsOf(entry["scopes"]).toSorted()) },
    }),
  },
  {
    kind: "user",
    path: "/v3/subusers",
    name: null,
    pages: offsetPages(500),
    item: plain("user", "username", ["email", "disabled"], "subuser:"),
  },
  {
    kind: "setting",
    path: "/v3/sso/integrations",
    name: null,
    pages: null,
    item: (entry) => ({
      kind: "setting",
      id: `sso:${textOf(entry["id"])}`,
      facts: { ...factsOf(entry, ["name", "enabled"]), ...targetFacts(entry["signin_url"]) },
    }),
  },
  {
    kind: "forwarding",
    path: "/v3/alerts",
    name: null,
    pages: null,
    item: plain("forwarding", "id", ["type", "email_to", "frequency", "percentage"], "alert:"),
  },
  {
    kind: "webhook",
    path: "/v3/user/webhooks/event/settings/all",
    name: "webhooks",
    pages: null,
    item: (entry) => ({
      kind: "webhook",
      id: textOf(entry["id"]) ?? "oldest",
      facts: {
        ...targetFacts(entry["url"]),
        ...factsOf(entry, ["enabled", ...EVENTS]),
        isSigned: textOf(entry["public_key"]) !== null,
        keyMark: mark(entry["public_key"]),
        oauthMark: mark([entry["oauth_client_id"], entry["oauth_token_url"]]),
      },
    }),
  },
  {
    kind: "forwarding",
    path: "/v3/user/webhooks/parse/settings",
    name: "result",
    pages: null,
    item: (entry) => ({
      kind: "forwarding",
      id: `parse:${textOf(entry["hostname"])}`,
      facts: { ...targetFacts(entry["url"]), ...factsOf(entry, ["send_raw", "spam_check"]) },
    }),
  },
  {
    kind: "setting",
    path: "/v3/mail_settings",
    name: "result",
    pages: null,
    item: plain("setting", "name", ["enabled"], "mail:"),
  },
  {
    kind: "tracking",
    path: "/v3/tracking_settings",
    name: "result",
    pages: null,
    item: plain("tracking", "name", ["enabled"]),
  },
  {
    kind: "setting",
    path: "/v3/access_settings/whitelist",
    name: "result",
    pages: null,
    item: plain("setting", "ip", [], "allowed-ip:"),
  },
  {
    // From where somebody came in, or tried: the last hundred places. Instants are no facts: they change with each visit.
    kind: "user",
    path: "/v3/access_settings/activity?limit=100",
    name: "result",
    pages: null,
    item: plain("user", "ip", ["allowed", "auth_method", "location"], "seen-at:"),
  },
  {
    kind: "template",
    path: "/v3/templates?generations=legacy,dynamic",
    name: "result",
    pages: templatePages,
    item(entry) {
      const versions = listOf(entry["versions"]).map((one) => factsOf(recordOf(one), ["id", "active", "updated_at"]));
      const id = textOf(entry["id"]);
      if (id === null) return null;
      return {
        kind: "template",
        id,
        facts: { ...factsOf(entry, ["name", "generation"]), versionsMark: mark(versions) },
      };
    },
  },
  {
    // A job that makes a file of everybody. Its addresses (`urls`) are the file.
    kind: "export",
    path: "/v3/marketing/contacts/exports",
    name: "result",
    pages: null,
    item: plain("export", "id", ["export_type", "created_at", "user_id"]),
  },
  ...["bounces", "blocks", "invalid_emails", "spam_reports", "unsubscribes"].map(suppression),
];

/** Settings that are one object each: where copies go, and what is put into every message. */
export const SETTINGS: readonly (readonly [path: string, kind: PostureKind])[] = [
  ["/v3/mail_settings/forward_bounce", "forwarding"],
  ["/v3/mail_settings/forward_spam", "forwarding"],
  ["/v3/mail_settings/footer", "setting"],
  ["/v3/mail_settings/template", "setting"],
];

export const KEY_DETAILS = "/v3/api_keys";
