import type { AccountThing, TwinAccount } from "./account.ts";
import type { Desk, TwinReply, TwinRequest } from "./dialect.ts";
import { cursorPage, mailgunTemplates } from "./mailgun-templates.ts";

/** The time the account was made, as Mailgun writes times. */
const MADE_AT = "Thu, 13 Oct 2022 18:02:00 GMT";

export function seedMailgun(account: TwinAccount, { domain }: { domain: string }): void {
  account.put("domain", domainThing(domain));
  account.put("key", { id: "seed-key", description: "gateway", kind: "domain", role: "sending", domain_name: domain });
  account.put("user", {
    id: "owner@acme.example",
    email: "owner@acme.example",
    role: "admin",
    is_disabled: false,
    tfa_enabled: true,
  });
  for (const what of ["open", "click", "unsubscribe"]) account.put("tracking", { id: what, active: false });
}

const domainThing = (name: string): AccountThing => ({
  id: name,
  name,
  state: "active",
  type: "custom",
  created_at: MADE_AT,
  is_disabled: false,
  require_tls: true,
  skip_verification: false,
  spam_action: "disabled",
  wildcard: false,
  use_automatic_sender_security: false,
});

const ok = (body: unknown): TwinReply => ({ status: 200, body });
const all = (account: TwinAccount, kind: Parameters<TwinAccount["things"]>[0]): AccountThing[] => [
  ...account.things(kind).values(),
];

/** The lists of an account, read only. Null: no such path. */
export function configurationOf(request: TwinRequest, { account }: Desk): TwinReply | null {
  const { method, path, query } = request;
  if (method !== "GET") return null;
  const paged = <One>(items: One[]): One[] => {
    const skip = Number(query.get("skip") ?? 0);
    return items.slice(skip, skip + Number(query.get("limit") ?? 100));
  };
  const counted = (items: unknown[]): TwinReply => ok({ total_count: items.length, items: paged(items) });
  switch (path) {
    case "/v3/domains":
    case "/v4/domains":
      return counted(domainsOf(account));
    case "/v3/routes":
      return counted(
        all(account, "forwarding").map((one) => ({ priority: 0, description: "", created_at: MADE_AT, ...one })),
      );
    case "/v1/keys":
      return counted(all(account, "key").map(keyOf));
    case "/v5/users": {
      const users = all(account, "user");
      return ok({ users: paged(users), total: users.length });
    }
    case "/v5/accounts/subaccounts": {
      const subaccounts = all(account, "setting").filter(({ what }) => what === "subaccount");
      return ok({ subaccounts: paged(subaccounts), total: subaccounts.length });
    }
    case "/v3/ips":
      return ok({ items: ["192.0.2.25"], total_count: 1, assignable_to_pools: [], details: [{ ip: "192.0.2.25" }] });
  }
  return ofDomain(path, request, account);
}

function ofDomain(path: string, request: TwinRequest, account: TwinAccount): TwinReply | null {
  const at = /^\/v[34]\/(?:domains\/)?([^/]+)(?:\/(.+))?$/.exec(path);
  const name = decodeURIComponent(at?.[1] ?? "");
  const domain = domainsOf(account).find((one) => one["name"] === name);
  if (!domain) return { status: 404, body: { message: "Domain not found" } };
  if (at?.[2]?.startsWith("templates")) return mailgunTemplates(at[2], path, request, account);
  switch (at?.[2]) {
    case undefined:
      return ok({ domain, receiving_dns_records: [], sending_dns_records: sendingRecords(domain) });
    case "sending_queues":
      return ok({ regular: { is_disabled: false, disabled: null }, scheduled: { is_disabled: false, disabled: null } });
    case "tracking":
      return ok({ tracking: Object.fromEntries(all(account, "tracking").map(({ id, ...one }) => [id, one])) });
    case "credentials": {
      // A sender in Mailgun is whoever has a login of the domain.
      const items = all(account, "sender").map(({ id }) => ({
        login: id,
        mailbox: id,
        created_at: MADE_AT,
        size_bytes: null,
      }));
      return ok({ items, total_count: items.length });
    }
    case "webhooks": {
      const urls = all(account, "webhook").map((one) => one["url"]);
      return ok({ webhooks: urls.length === 0 ? {} : { delivered: { urls }, permanent_fail: { urls } } });
    }
    case "bounces":
    case "complaints":
    case "unsubscribes": {
      // What an insider suppresses is unsubscribed.
      const list = all(account, "suppression").filter((one) => (one["list"] ?? "unsubscribes") === at[2]);
      return cursorPage(request, path, list, suppressed);
    }
    default:
      return null;
  }
}

function suppressed({ id, ...one }: AccountThing): object {
  const entry = { address: one["email"] ?? id, created_at: one["created_at"] ?? MADE_AT };
  if (one["list"] === "bounces") return { ...entry, code: "550", error: one["error"] ?? "No such mailbox" };
  return one["list"] === "complaints" ? entry : { ...entry, tags: one["tags"] ?? ["*"] };
}

function sendingRecords({ id, state }: AccountThing): object[] {
  const valid = state === "active" ? "valid" : "unknown";
  return [
    { record_type: "TXT", name: id, value: "v=spf1 include:mailgun.org ~all", valid, is_active: true, cached: [] },
    { record_type: "TXT", name: `mx._domainkey.${id}`, value: "k=rsa; p=MIGf", valid, is_active: true, cached: [] },
    { record_type: "CNAME", name: `email.${id}`, value: "mailgun.org", valid, is_active: true, cached: [] },
  ];
}

/** A suspended account's domains are disabled. */
const domainsOf = (account: TwinAccount): AccountThing[] =>
  all(account, "domain").map((one) =>
    account.suspension === null
      ? one
      : {
          ...one,
          is_disabled: true,
          state: "disabled",
          disabled: { code: "account", note: "", permanently: true, reason: account.suspension },
        },
  );

const keyOf = (one: AccountThing): object => ({
  description: one["name"] ?? "",
  kind: "user",
  role: "admin",
  created_at: "2022-10-13T18:02:00",
  updated_at: "2022-10-13T18:02:00",
  is_disabled: false,
  domain_name: null,
  requestor: null,
  user_name: null,
  ...one,
});
