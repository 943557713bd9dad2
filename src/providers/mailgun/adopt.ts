import type {
  AccountItem,
  AccountReading,
  DnsRecord,
  FoundTemplate,
  FoundVersion,
  RecordPurpose,
} from "../adopt/items.ts";
import {
  detailOf,
  inParts,
  jsonIn,
  PAGES,
  PartFault,
  patiently,
  publicAddress,
  type ReadingParts,
  rowsIn,
} from "../adopt/reading.ts";
import type { HttpCaller } from "../http.ts";
import { booleanOf, type JsonRecord, recordOf, textOf, textsOf } from "../json-reading.ts";
import { authorization } from "./request.ts";

type Get = (path: string) => Promise<JsonRecord>;
const PAGE = 1_000;
const TEMPLATES_PAGE = 100;
/** Sources come one version at a time; older ones nobody asks for. */
const VERSIONS = 20;

/**
 * What a Mailgun account and one sending domain hold; templates, suppressions and webhooks are a domain's. Paths and fields:
 * Mailgun's OpenAPI document (mailgun-mcp-server 78d610f, seen 2026-11-25).
 */
export function readMailgun(
  caller: HttpCaller,
  domain: string,
  key: string,
  parts: ReadingParts,
): AsyncGenerator<AccountReading> {
  const get: Get = async (path) => {
    const headers = { authorization: authorization(key) };
    const answer = await patiently(() => caller.call({ method: "GET", path, headers }), parts);
    return recordOf(jsonIn(answer, path.replace(/\?.*$/, ""), ({ json }) => textOf(recordOf(json)["message"])));
  };
  const at = `/v3/${encodeURIComponent(domain)}`;
  const others: string[] = [];
  const readings = inParts([
    ["domains", () => domains(get, (name) => name !== domain && others.push(name))],
    ["senders", () => logins(get, domain)],
    ["webhooks", () => webhooks(get, domain)],
    ["keys", () => keys(get)],
    ["subaccounts", () => subaccounts(get)],
    ["templates", () => templates(get, at)],
    ["suppressions", () => suppressions(get, at)],
  ]);
  return withOthers(readings, others);
}

/** Known only once the domains are read. */
async function* withOthers(
  readings: AsyncGenerator<AccountReading>,
  others: readonly string[],
): AsyncGenerator<AccountReading> {
  yield* readings;
  if (others.length === 0) return;
  const named =
    others.length > 5 ? `${others.slice(0, 5).join(", ")} and ${others.length - 5} more` : others.join(", ");
  const reason = `Those of ${named} were not read, nor their suppressions and webhooks: run it for each with --domain.`;
  yield { kind: "not-listed", part: "templates", reason };
}

async function* bySkip(get: Get, path: string, member: string): AsyncGenerator<JsonRecord> {
  for (let page = 0; page < PAGES; page += 1) {
    const rows = rowsIn((await get(`${path}?limit=${PAGE}&skip=${page * PAGE}`))[member], path);
    yield* rows;
    if (rows.length < PAGE) return;
  }
}

/** Pages by `paging.next` until one is empty. Of that address only the path is used, and only within `at`: the key goes nowhere else. */
async function* byCursor(get: Get, at: string, path: string): AsyncGenerator<JsonRecord> {
  let next = path;
  for (let page = 0; page < PAGES; page += 1) {
    const answer = await get(next);
    const rows = rowsIn(answer["items"], path);
    if (rows.length === 0) return;
    yield* rows;
    const address = textOf(recordOf(answer["paging"])["next"]);
    if (address === null || !URL.canParse(address)) return;
    const { pathname, search } = new URL(address);
    if (!pathname.startsWith(`${at}/`) || pathname + search === next) return;
    next = pathname + search;
  }
  throw new PartFault("too-long", `${path}: more than ${PAGES} pages`);
}

async function* domains(get: Get, saw: (name: string) => void): AsyncGenerator<AccountItem> {
  for await (const row of bySkip(get, "/v4/domains", "items")) {
    const name = textOf(row["name"]) ?? "";
    saw(name);
    const whole = await get(`/v4/domains/${encodeURIComponent(name)}`);
    const records = rowsIn(whole["sending_dns_records"] ?? [], "/v4/domains");
    yield {
      part: "domains",
      domain: name,
      isVerified: row["state"] === "active",
      records: records.flatMap(recordOfRow),
    };
  }
}

function recordOfRow(row: JsonRecord): DnsRecord[] {
  const [type, name, value] = [textOf(row["record_type"]), textOf(row["name"]), textOf(row["value"])];
  if ((type !== "CNAME" && type !== "TXT" && type !== "MX") || name === null || value === null) return [];
  if (row["is_active"] === false) return [];
  const isFound = row["valid"] === "valid" ? true : row["valid"] === "invalid" ? false : null;
  return [{ purpose: purposeOf(type, name, value), type, name, value, isFound }];
}

function purposeOf(type: string, name: string, value: string): RecordPurpose {
  if (name.includes("._domainkey.")) return "DKIM";
  if (type === "TXT") return value.startsWith("v=spf1") ? "SPF" : "ownership";
  return type === "CNAME" ? "tracking" : "return path";
}

/** Mailgun has no senders: who has a login of the domain may send. */
async function* logins(get: Get, domain: string): AsyncGenerator<AccountItem> {
  for await (const row of bySkip(get, `/v3/domains/${encodeURIComponent(domain)}/credentials`, "items")) {
    yield { part: "senders", address: textOf(row["login"]) ?? "", isVerified: null };
  }
}

async function* webhooks(get: Get, domain: string): AsyncGenerator<AccountItem> {
  const events = new Map<string, string[]>();
  const all = recordOf((await get(`/v3/domains/${encodeURIComponent(domain)}/webhooks`))["webhooks"]);
  for (const [event, one] of Object.entries(all)) {
    for (const url of textsOf(recordOf(one)["urls"])) events.set(url, [...(events.get(url) ?? []), event]);
  }
  for (const [url, named] of events) {
    yield { part: "webhooks", id: `of ${domain}`, url: publicAddress(url), events: named };
  }
}

async function* keys(get: Get): AsyncGenerator<AccountItem> {
  for (const row of rowsIn((await get("/v1/keys"))["items"], "/v1/keys")) {
    if (booleanOf(row["is_disabled"]) === true) continue;
    const name = textOf(row["description"]) ?? textOf(row["id"]) ?? "";
    yield { part: "keys", name, createdAt: timeOf(row["created_at"]), lastUsedAt: null };
  }
}

async function* subaccounts(get: Get): AsyncGenerator<AccountItem> {
  for await (const row of bySkip(get, "/v5/accounts/subaccounts", "subaccounts")) {
    yield { part: "subaccounts", name: textOf(row["name"]) ?? textOf(row["id"]) ?? "", state: textOf(row["status"]) };
  }
}

async function* templates(get: Get, at: string): AsyncGenerator<AccountItem> {
  for await (const row of byCursor(get, at, `${at}/templates?limit=${TEMPLATES_PAGE}`)) {
    yield { part: "templates", template: await templateOf(get, `${at}/templates`, row) };
  }
}

async function templateOf(get: Get, path: string, row: JsonRecord): Promise<FoundTemplate> {
  const name = textOf(row["name"]) ?? "";
  const own = `${path}/${encodeURIComponent(name)}/versions`;
  const listed = rowsIn(recordOf((await get(`${own}?limit=${TEMPLATES_PAGE}`))["template"])["versions"], own);
  const inOrder = listed.toSorted((a, b) => (timeOf(a["createdAt"]) ?? 0) - (timeOf(b["createdAt"]) ?? 0));
  const versions: FoundVersion[] = [];
  let headers: JsonRecord = {};
  let obstacle: string | null = null;
  for (const one of inOrder.filter((each, n) => isActive(each) || n >= inOrder.length - VERSIONS)) {
    const tag = textOf(one["tag"]) ?? "";
    // The list has no sources.
    const whole = recordOf(recordOf((await get(`${own}/${encodeURIComponent(tag)}`))["template"])["version"]);
    if (isActive(one)) headers = recordOf(whole["headers"]);
    const engine = textOf(whole["engine"]) ?? "handlebars";
    if (isActive(one) && engine !== "handlebars") obstacle = `It is written for the engine ${engine}.`;
    versions.push({
      label: tag,
      subject: textOf(recordOf(whole["headers"])["Subject"]),
      html: textOf(whole["template"]),
      text: null,
      isActive: isActive(one),
    });
  }
  return {
    id: name,
    name,
    aliases: [],
    uuid: null,
    displayName: name,
    dialect: "handlebars",
    from: textOf(headers["From"]),
    replyTo: textOf(headers["Reply-To"]),
    labels: [],
    versions,
    obstacle,
  };
}
const isActive = (version: JsonRecord): boolean => version["active"] === true;

async function* suppressions(get: Get, at: string): AsyncGenerator<AccountItem> {
  for (const [list, kind] of [
    ["bounces", "bounced"],
    ["complaints", "complained"],
    ["unsubscribes", "unsubscribed"],
  ] as const) {
    let ofTags = 0;
    for await (const row of byCursor(get, at, `${at}/${list}?limit=${PAGE}`)) {
      const tags = textsOf(row["tags"]);
      // Without the star only mail with these tags is not wanted.
      if (tags.length > 0 && !tags.includes("*")) ofTags += 1;
      else {
        const detail = detailOf([textOf(row["code"]), textOf(row["error"])].filter((one) => one !== null).join(" "));
        const address = textOf(row["address"]) ?? "";
        yield { part: "suppressions", suppression: { address, kind, detail, at: timeOf(row["created_at"]) } };
      }
    }
    if (ofTags > 0) yield { part: "suppressions", left: ofTags, because: "unsubscribed from one tag" };
  }
}

/** `Thu, 13 Oct 2022 18:02:00 UTC`; keys have `2022-10-13T18:02:00`, which is UTC, too. */
function timeOf(value: unknown): number | null {
  const text = textOf(value);
  if (text === null) return null;
  const at = Date.parse(/^\d{4}-\d\d-\d\dT[\d:.]+$/.test(text) ? `${text}Z` : text);
  return Number.isNaN(at) ? null : at;
}
