import type { AccountThing, TwinAccount } from "./account.ts";
import type { Desk, TwinReply, TwinRequest } from "./dialect.ts";
import { resendError } from "./resend-error.ts";

/** The time the account was made, as Resend writes times. */
const MADE_AT = "2022-10-13 18:02:00.000+00";

export function seedResend(account: TwinAccount, { domain }: { domain: string }): void {
  account.put("domain", domainThing("d91cd9bd-1176-453e-8fc1-35364d380206", domain, "verified"));
  account.put("key", { id: "b6d24b8e-af0b-4c3c-be0c-359bbd97381e", name: "gateway" });
}

const domainThing = (id: string, name: string, status: string): AccountThing => ({
  id,
  name,
  status,
  created_at: MADE_AT,
  region: "eu-west-1",
  open_tracking: false,
  click_tracking: false,
  capabilities: { sending: "enabled", receiving: "disabled" },
});

type Kind = Parameters<TwinAccount["things"]>[0];
const all = (account: TwinAccount, kind: Kind): AccountThing[] => [...account.things(kind).values()];

/** The lists of an account and their single members, read only. Null: no such path. */
export function resendConfiguration({ method, path, query }: TwinRequest, { account }: Desk): TwinReply | null {
  const [, list = "", id] = /^(\/(?:oauth\/)?[a-z-]+)(?:\/([^/]+))?$/.exec(path) ?? [];
  const items = LISTS[list]?.(account);
  if (method !== "GET" || items === undefined) return null;
  if (id === undefined) return pageOf(list === "/templates" ? items.map(withoutSources) : items, query);
  const found = items.find((one) => one.id === decodeURIComponent(id));
  if (!found) return resendError(404, "not_found", `${list.slice(1)} not found`);
  const object = { "/domains": "domain", "/webhooks": "webhook", "/suppressions": "suppression" }[list] ?? "item";
  const records = list === "/domains" ? { records: recordsOf(found as AccountThing) } : {};
  return { status: 200, body: { object, ...found, ...records } };
}

type Item = { id: string };
const LISTS: Readonly<Record<string, (account: TwinAccount) => Item[]>> = {
  "/domains": domainsOf,
  "/api-keys": (account) => all(account, "key").map((one) => ({ created_at: MADE_AT, last_used_at: MADE_AT, ...one })),
  "/oauth/grants": () => [],
  "/webhooks": (account) =>
    all(account, "webhook").map(({ id, url }) => ({
      id,
      endpoint: url,
      status: "enabled",
      events: ["email.delivered", "email.bounced"],
      created_at: MADE_AT,
    })),
  "/templates": (account) =>
    all(account, "template").map((one) => ({ status: "published", created_at: MADE_AT, updated_at: MADE_AT, ...one })),
  "/suppressions": (account) =>
    all(account, "suppression").map(({ id, email = id, origin = "manual", created_at = MADE_AT }) => ({
      id,
      email,
      origin,
      source_id: null,
      created_at,
    })),
};

const withoutSources = (item: Item): Item => {
  const { id, name, alias, status, created_at, updated_at, published_at } = item as AccountThing;
  return { id, name, alias, status, created_at, updated_at, published_at } as Item;
};

/** Names are relative to the zone, which is what stands behind the first label of a domain of three or more. */
function recordsOf({ name, status }: AccountThing): object[] {
  const labels = String(name).split(".");
  const behind = labels.length > 2 ? `.${labels.slice(0, -2).join(".")}` : "";
  const state = status === "verified" ? "verified" : "failed";
  const host = `send${behind}`;
  return [
    {
      record: "SPF",
      name: host,
      type: "MX",
      ttl: "Auto",
      status: state,
      value: "feedback-smtp.eu-west-1.amazonses.com",
      priority: 10,
    },
    { record: "SPF", name: host, type: "TXT", ttl: "Auto", status: state, value: "v=spf1 include:amazonses.com ~all" },
    { record: "DKIM", name: `resend._domainkey${behind}`, type: "TXT", ttl: "Auto", status: state, value: "p=MIGf" },
  ];
}

/** Resend knows no senders, only domains: whoever adds a sender adds one. */
function domainsOf(account: TwinAccount): Item[] {
  const added = all(account, "sender").map(({ id }) => domainThing(`of-${id}`, id.split("@")[1] ?? id, "verified"));
  return [...all(account, "domain"), ...added];
}

/** "Pagination": `limit` 1 to 100 (20 unless given), `after` and `before` by id. */
export function pageOf(items: readonly Item[], query: URLSearchParams): TwinReply {
  const limit = Number(query.get("limit") ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    return resendError(422, "validation_error", "The `limit` parameter must be between 1 and 100.");
  }
  const after = query.get("after");
  const start = after === null ? 0 : items.findIndex(({ id }) => id === after) + 1;
  const data = items.slice(start, start + limit);
  return { status: 200, body: { object: "list", has_more: start + limit < items.length, data } };
}
