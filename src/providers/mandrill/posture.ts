import type { Asked, PostureItem, PostureKind } from "../account.ts";
import { booleanOf, type JsonRecord, listOf, numberOf, recordOf, textOf, textsOf } from "../json-reading.ts";
import { addressOf, fingerprint } from "../posture-marks.ts";
import type { Ask } from "./api.ts";

type Facts = PostureItem["facts"];
type Part = {
  method: string;
  parameters?: Record<string, unknown>;
  items: (value: unknown, ask: Ask) => PostureItem[] | Promise<PostureItem[] | null>;
};

/** One item per row, named by one of its fields. Rows without that name are items too: what nobody can name is worth a look. */
const rows =
  (kind: PostureKind, prefix: string, name: string, facts: (row: JsonRecord) => Facts) =>
  (value: unknown): PostureItem[] =>
    listOf(value)
      .map(recordOf)
      .map((row) => ({ kind, id: `${prefix}${textOf(row[name]) ?? "unnamed"}`, facts: facts(row) }));

/**
 * What the account is configured to (field names: specification of Mailchimp Transactional, seen 2026-11-25). Counters and
 * states that change by themselves are left out. Keys and users of the account cannot be listed by any call.
 */
const PARTS: readonly Part[] = [
  // "The senders that have tried to use this account, both verified and unverified": a stranger shows here first.
  {
    method: "users/senders",
    items: rows("sender", "", "address", (row) => ({ createdAt: textOf(row["created_at"]) })),
  },
  {
    method: "senders/domains",
    items: rows("domain", "", "domain", (row) => ({
      createdAt: textOf(row["created_at"]),
      spfValid: booleanOf(recordOf(row["spf"])["valid"]),
      dkimValid: booleanOf(recordOf(row["dkim"])["valid"]),
      validSigning: booleanOf(row["valid_signing"]),
      verifiedAt: textOf(row["verified_at"]),
    })),
  },
  {
    method: "webhooks/list",
    items: rows("webhook", "", "id", (row) => ({
      url: addressOf(row["url"]),
      events: textsOf(row["events"]).toSorted().join(" "),
      key: fingerprint(row["auth_key"]),
      createdAt: textOf(row["created_at"]),
    })),
  },
  {
    method: "subaccounts/list",
    items: rows("setting", "subaccount ", "id", (row) => ({
      name: textOf(row["name"]),
      status: textOf(row["status"]),
      customQuota: numberOf(row["custom_quota"]),
      createdAt: textOf(row["created_at"]),
    })),
  },
  {
    method: "exports/list",
    items: rows("export", "", "id", (row) => ({ type: textOf(row["type"]), createdAt: textOf(row["created_at"]) })),
  },
  { method: "inbound/domains", items: inbound },
  { method: "rejects/list", parameters: { include_expired: false }, items: denylist },
  { method: "allowlists/list", items: (value) => [listed("allowlist", listOf(value))] },
  {
    method: "templates/list",
    items: rows("template", "", "slug", (row) => ({
      publishedAt: textOf(row["published_at"]),
      updatedAt: textOf(row["updated_at"]),
      from: textOf(row["publish_from_email"]),
      content: fingerprint(
        ["code", "text", "publish_code", "publish_text", "publish_subject"].map((part) => row[part]),
      ),
    })),
  },
  {
    method: "urls/tracking-domains",
    items: rows("tracking", "", "domain", (row) => ({ validTracking: booleanOf(row["valid_tracking"]) })),
  },
  { method: "metadata/list", items: rows("setting", "metadata ", "name", (row) => ({ state: textOf(row["state"]) })) },
  {
    method: "users/info",
    items: (value) => {
      const info = recordOf(value);
      const facts = { publicId: textOf(info["public_id"]), createdAt: textOf(info["created_at"]) };
      return [{ kind: "setting", id: `account ${textOf(info["username"]) ?? "unnamed"}`, facts }];
    },
  },
];

/** All of it or nothing: of half a picture nobody can say what is missing in it. */
export async function postureOf(ask: Ask): Promise<Asked<PostureItem[]>> {
  const found = await Promise.all(PARTS.map((part) => partOf(part, ask)));
  const value: PostureItem[] = [];
  for (const part of found) {
    if (part.kind === "unavailable") return part;
    value.push(...part.value);
  }
  return { kind: "answer", value };
}

async function partOf({ method, parameters, items }: Part, ask: Ask): Promise<Asked<PostureItem[]>> {
  const asked = await ask(method, parameters);
  if (asked.kind === "unavailable") return asked;
  const isExpected = method === "users/info" ? !Array.isArray(asked.value) : Array.isArray(asked.value);
  const value = isExpected ? await items(asked.value, ask) : null;
  return value === null ? { kind: "unavailable", reason: `${method}: unreadable` } : { kind: "answer", value };
}

/** Where received mail is passed on to, per domain. */
async function inbound(value: unknown, ask: Ask): Promise<PostureItem[] | null> {
  const domains = listOf(value).map((one) => textOf(recordOf(one)["domain"]) ?? "unnamed");
  const routes = await Promise.all(domains.map((domain) => ask("inbound/routes", { domain })));
  if (routes.some((asked) => asked.kind === "unavailable")) return null;
  return [
    ...domains.map((domain): PostureItem => ({ kind: "forwarding", id: domain, facts: {} })),
    ...routes.flatMap((asked, n) =>
      rows("forwarding", `${domains[n]!} `, "id", (row) => ({
        pattern: textOf(row["pattern"]),
        url: addressOf(row["url"]),
      }))(asked.kind === "answer" ? asked.value : []),
    ),
  ];
}

/** Only what people put there by hand: bounces and complaints come and go, and recipients' addresses are not kept. */
function denylist(value: unknown): PostureItem[] {
  const byHand = listOf(value).filter((row) => recordOf(row)["reason"] === "custom");
  return [listed("denylist by hand", byHand)];
}

/** At most 1,000 are given; the newest one tells of an exchange that leaves the count as it was. */
function listed(id: string, entries: readonly unknown[]): PostureItem {
  const times = entries.map((row) => textOf(recordOf(row)["created_at"]) ?? "").toSorted();
  return { kind: "suppression", id, facts: { count: entries.length, newestAt: times.at(-1) ?? null } };
}
