import type { PostureKind } from "../../providers/index.ts";
import type { AccountThing, TwinAccount } from "./account.ts";
import type { Desk, TwinReply, TwinRequest } from "./dialect.ts";
import { NOT_FOUND, refusal } from "./sendgrid-errors.ts";
import { recordOf } from "./sendgrid-mail.ts";

const SCOPES = ["alerts.read", "api_keys.read", "mail.send", "messages.read", "stats.read", "user.account.read"];

/** A new account: one verified domain, one key, its owner, an allow-list of nobody, tracking as it comes from the shop. */
export function seedSendgrid(account: TwinAccount, { domain }: { domain: string }): void {
  account.put("domain", { id: "1", domain, subdomain: "em1", username: "acme", valid: true, automatic_security: true });
  account.put("key", { id: "key-of-postern", name: "postern", scopes: SCOPES });
  account.put("user", { id: "acme", email: `owner@${domain}`, user_type: "owner", is_admin: true });
  for (const name of ["open", "click", "subscription"]) account.put("tracking", { id: name, enabled: true });
  for (const name of ["footer", "forward_bounce", "forward_spam", "template"]) {
    account.put("setting", { id: name, enabled: false });
  }
}

type List = { path: string; kind: PostureKind; name: string | null; entry(thing: AccountThing): unknown };

const list = (
  path: string,
  kind: PostureKind | null,
  name: string | null,
  entry: List["entry"] = (one) => one,
): List => ({
  path,
  kind: kind ?? "setting",
  name,
  entry: kind === null ? () => undefined : entry, // a list that is empty here always
});

const seconds = (at: unknown): number => (typeof at === "number" ? Math.floor(at / 1000) : 0);
const textOr = (value: unknown, other: string): string => (typeof value === "string" ? value : other);

function suppressed(one: AccountThing, name: string): object {
  const entry = { email: one["email"], created: seconds(one["at"]) };
  if (name === "unsubscribes") return entry;
  if (name === "spam_reports") return { ...entry, ip: "192.0.2.7" };
  return { ...entry, reason: textOr(one["reason"], ""), status: "5.0.0" };
}

/** Lists as SendGrid gives them, from what the account holds. */
const LISTS: readonly List[] = [
  list("/v3/whitelabel/domains", "domain", null, (one) => ({
    ...one,
    id: Number(one.id.replace(/\D/g, "") || 0),
    default: one["default"] ?? false,
    legacy: false,
    custom_spf: false,
  })),
  list("/v3/verified_senders", "sender", "results", (one) => ({
    id: one.id,
    nickname: one["email"],
    from_email: one["email"],
    reply_to: one["email"],
    verified: one["confirmed"] ?? true,
    locked: false,
  })),
  list("/v3/api_keys", "key", "result", ({ id, name }) => ({ api_key_id: id, name })),
  list("/v3/teammates", "user", "result", ({ id, what, ...rest }) =>
    what === "subuser" ? undefined : { username: id, ...rest },
  ),
  list("/v3/teammates/pending", null, "result"),
  list("/v3/subusers", "user", null, ({ id, what, disabled }) =>
    what === "subuser"
      ? { id: 1, username: id, email: `${id}@subusers.example`, disabled: disabled === true }
      : undefined,
  ),
  list("/v3/sso/integrations", null, null),
  list("/v3/alerts", "forwarding", null),
  list("/v3/user/webhooks/event/settings/all", "webhook", "webhooks", (one) => ({
    enabled: true,
    delivered: true,
    bounce: true,
    ...one,
  })),
  list("/v3/user/webhooks/parse/settings", null, "result"),
  list("/v3/mail_settings", "setting", "result", ({ id, enabled }) =>
    id === "plan" ? undefined : { name: id, title: id, description: "", enabled },
  ),
  list("/v3/tracking_settings", "tracking", "result", ({ id, enabled }) => ({ name: id, title: id, enabled })),
  list("/v3/access_settings/whitelist", null, "result"),
  list("/v3/access_settings/activity", null, "result"),
  list("/v3/marketing/contacts/exports", "export", "result", (one) => ({
    id: one.id,
    status: "ready",
    export_type: "contacts_export",
    created_at: new Date(Number(one["at"] ?? 0)).toISOString(),
    urls: ["https://exports.sendgrid.example/everybody.csv?signature=secret"],
  })),
  // One list each; what an insider suppresses is a bounce.
  ...["bounces", "blocks", "invalid_emails", "spam_reports", "unsubscribes"].map((name) =>
    list(`/v3/suppression/${name}`, "suppression", null, (one) =>
      (one["list"] ?? "bounces") === name ? suppressed(one, name) : undefined,
    ),
  ),
  list("/v3/asm/suppressions", "suppression", null, (one) =>
    one["list"] === "group" ? { email: one["email"], group_id: 1, group_name: "News", created_at: 0 } : undefined,
  ),
];

/** What the account says of itself; null: no such place. */
export function configurationOf(request: TwinRequest, desk: Desk): TwinReply | null {
  const { account } = desk;
  if (request.method !== "GET") return changed(request, desk);
  const { path, query } = request;
  const found = LISTS.find((one) => one.path === path);
  if (found) return listed(found, account, query);
  const template = templateReply(path, query, account);
  if (template) return template;
  switch (path) {
    case "/v3/scopes":
      return ok({ scopes: SCOPES });
    case "/v3/user/account":
      return ok({ type: "paid", reputation: 100 });
    case "/v3/user/credits": {
      const remain = account.suspension === "credits-exceeded" ? 0 : 40_000;
      return ok({ remain, total: 40_000, overage: 0, used: 40_000 - remain, reset_frequency: "monthly" });
    }
  }
  const key = account.things("key").get(/^\/v3\/api_keys\/([^/]+)$/.exec(path)?.[1] ?? "");
  if (key) return ok({ result: [{ api_key_id: key.id, name: key["name"], scopes: key["scopes"] ?? SCOPES }] });
  const setting = account.things("setting").get(/^\/v3\/mail_settings\/(\w+)$/.exec(path)?.[1] ?? "");
  if (!setting) return null;
  const { id: _, ...rest } = setting;
  return ok(rest);
}

/** The list is paged by tokens and without sources; page_size is required. */
function templateReply(path: string, query: URLSearchParams, account: TwinAccount): TwinReply | null {
  const all = account.things("template");
  const one = all.get(/^\/v3\/templates\/([^/]+)$/.exec(path)?.[1] ?? "");
  if (one) return ok({ generation: "dynamic", versions: [], ...one });
  if (path !== "/v3/templates") return null;
  const size = Number(query.get("page_size"));
  if (!(size >= 1 && size <= 200)) return refusal(400, "page_size must be between 1 and 200", "page_size");
  const generations = (query.get("generations") ?? "legacy").split(",");
  const rows = [...all.values()].map((thing) => ({ generation: "dynamic", ...thing }) as Record<string, unknown>);
  const meant = rows.filter(({ generation }) => generations.includes(String(generation)));
  const from = Number(query.get("page_token") ?? 0);
  const result = meant.slice(from, from + size).map(({ versions, ...row }) => ({ ...row, versions: lean(versions) }));
  const self = "https://api.sendgrid.com/v3/templates";
  const next = from + size < meant.length ? { next: `${self}?page_size=${size}&page_token=${from + size}` } : {};
  return ok({ result, _metadata: { self, count: meant.length, ...next } });
}

/** Without what makes them large. */
const lean = (versions: unknown): object[] =>
  (Array.isArray(versions) ? (versions as Record<string, unknown>[]) : []).map((version) =>
    Object.fromEntries(Object.entries(version).filter(([name]) => !name.endsWith("_content"))),
  );

function listed({ kind, name, entry }: List, account: TwinAccount, query: URLSearchParams): TwinReply {
  const offset = Number(query.get("offset") ?? 0);
  const limit = Number(query.get("limit") ?? query.get("page_size") ?? 500);
  const all = [...account.things(kind).values()].map(entry).filter((one) => one !== undefined);
  const page = all.slice(offset, offset + limit);
  return ok(name === null ? page : { [name]: page });
}

/** The changes that people make in the console or by API, as far as tests make them. */
function changed({ method, path, json }: TwinRequest, { account, clock }: Desk): TwinReply | null {
  const given = recordOf(json);
  if (method === "POST" && path === "/v3/api_keys") {
    if (typeof given["name"] !== "string") return refusal(400, "missing required argument", "name");
    const id = `key-${account.nextCount()}`;
    const apiKey = `SG.${id}.of-the-twin`;
    account.apiKeys.add(apiKey);
    account.put("key", { id, name: given["name"], scopes: given["scopes"] ?? SCOPES, at: clock.now() });
    return {
      status: 201,
      body: { api_key: apiKey, api_key_id: id, name: given["name"], scopes: given["scopes"] ?? SCOPES },
    };
  }
  const [, place, id] = /^\/v3\/(api_keys|suppression\/bounces)\/([^/]+)$/.exec(path) ?? [];
  if (method !== "DELETE" || place === undefined) return null;
  const things = account.things(place === "api_keys" ? "key" : "suppression");
  return things.delete(decodeURIComponent(id!)) ? { status: 204, body: "" } : NOT_FOUND;
}

const ok = (body: unknown): TwinReply => ({ status: 200, body });
