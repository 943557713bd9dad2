import { isUuid, type Secret } from "../../kernel/index.ts";
import type { AccountItem, AccountReading, DnsRecord, FoundTemplate, FoundVersion } from "../adopt/items.ts";
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
import { booleanOf, isoTimeOf, type JsonRecord, listOf, numberOf, recordOf, textOf } from "../json-reading.ts";
import { authorization } from "./ask.ts";
import { templatePages } from "./configuration.ts";
import { errorsOf } from "./outcomes.ts";

type Get = (path: string) => Promise<unknown>;
const PAGE = 500;
const DOMAINS_PAGE = 50;
const SENDERS_PAGE = 100;

/**
 * What a SendGrid account holds. Paths and fields: OpenAPI files of twilio/sendgrid-oai dbe0e0d (domain authentication,
 * verified senders, API keys, subusers, webhooks, templates, suppressions; seen 2026-11-25).
 */
export function readSendgrid(caller: HttpCaller, key: Secret, parts: ReadingParts): AsyncGenerator<AccountReading> {
  const get: Get = async (path) => {
    const answer = await patiently(() => caller.call({ method: "GET", path, headers: authorization(key) }), parts);
    return jsonIn(answer, path.replace(/\?.*$/, ""), ({ json }) => errorsOf(json)[0]?.message.slice(0, 100) ?? null);
  };
  return inParts([
    ["senders", () => senders(get)],
    ["domains", () => domains(get)],
    ["webhooks", () => webhooks(get)],
    ["keys", () => keys(get)],
    ["subaccounts", () => subusers(get)],
    ["templates", () => templates(get)],
    ["suppressions", () => suppressions(get)],
  ]);
}

async function* byOffset(get: Get, path: string, size: number): AsyncGenerator<JsonRecord> {
  for (let page = 0; page < PAGES; page += 1) {
    const rows = rowsIn(await get(`${path}?limit=${size}&offset=${page * size}`), path);
    yield* rows;
    if (rows.length < size) return;
  }
  throw new PartFault("too-long", `${path}: more than ${PAGES * size} entries`);
}

async function* senders(get: Get): AsyncGenerator<AccountItem> {
  const path = "/v3/verified_senders";
  let after = "";
  for (let page = 0; page < PAGES; page += 1) {
    const rows = rowsIn(recordOf(await get(`${path}?limit=${SENDERS_PAGE}${after}`))["results"], path);
    for (const row of rows) {
      yield { part: "senders", address: textOf(row["from_email"]) ?? "", isVerified: booleanOf(row["verified"]) };
    }
    const last = textOf(rows.at(-1)?.["id"]);
    if (rows.length < SENDERS_PAGE || last === null) return;
    after = `&lastSeenID=${encodeURIComponent(last)}`;
  }
}

async function* domains(get: Get): AsyncGenerator<AccountItem> {
  for await (const row of byOffset(get, "/v3/whitelabel/domains", DOMAINS_PAGE)) {
    yield {
      part: "domains",
      domain: textOf(row["domain"]) ?? "",
      isVerified: booleanOf(row["valid"]),
      records: Object.entries(recordOf(row["dns"])).flatMap(([name, one]) => recordIn(name, recordOf(one))),
    };
  }
}

/** `mail_cname` or `mail_server` lead bounces back; `dkim`, `dkim1`, `dkim2` sign; `subdomain_spf`, `domain_spf`. */
function recordIn(name: string, one: JsonRecord): DnsRecord[] {
  const [type, host, value] = [textOf(one["type"])?.toUpperCase(), textOf(one["host"]), textOf(one["data"])];
  if ((type !== "CNAME" && type !== "TXT" && type !== "MX") || host === null || value === null) return [];
  const purpose = name.startsWith("dkim") ? "DKIM" : name.endsWith("spf") ? "SPF" : "return path";
  return [{ purpose, type, name: host, value, isFound: booleanOf(one["valid"]) }];
}

const EVENTS = ["processed", "delivered", "bounce", "deferred", "dropped", "spam_report", "open", "click"];

async function* webhooks(get: Get): AsyncGenerator<AccountItem> {
  const path = "/v3/user/webhooks/event/settings/all";
  for (const row of rowsIn(recordOf(await get(path))["webhooks"], path)) {
    if (row["enabled"] === false) continue;
    yield {
      part: "webhooks",
      id: textOf(row["id"]) ?? "",
      url: publicAddress(textOf(row["url"])),
      events: EVENTS.filter((event) => row[event] === true),
    };
  }
}

async function* keys(get: Get): AsyncGenerator<AccountItem> {
  for (const row of rowsIn(recordOf(await get("/v3/api_keys"))["result"], "/v3/api_keys")) {
    // The API tells no dates of keys.
    yield { part: "keys", name: textOf(row["name"]) ?? "", createdAt: null, lastUsedAt: null };
  }
}

async function* subusers(get: Get): AsyncGenerator<AccountItem> {
  for await (const row of byOffset(get, "/v3/subusers", PAGE)) {
    const state = row["disabled"] === true ? "disabled" : null;
    yield { part: "subaccounts", name: textOf(row["username"]) ?? "", state };
  }
}

async function* templates(get: Get): AsyncGenerator<AccountItem> {
  const path = "/v3/templates";
  let place: string | null = templatePages.first;
  for (let page = 0; place !== null && page < PAGES; page += 1) {
    const json = await get(`${path}?generations=legacy,dynamic&${place}`);
    const rows = rowsIn(recordOf(json)["result"], path);
    for (const row of rows) {
      const id = textOf(row["id"]) ?? "";
      // The list has no sources.
      const whole = recordOf(await get(`${path}/${encodeURIComponent(id)}`));
      yield { part: "templates", template: templateOf(id, row, listOf(whole["versions"]).map(recordOf)) };
    }
    place = templatePages.next(rows, json, page);
  }
}

function templateOf(id: string, row: JsonRecord, versions: readonly JsonRecord[]): FoundTemplate {
  const inOrder = versions.toSorted((a, b) => updatedAt(a) - updatedAt(b));
  const name = textOf(row["name"]) ?? id;
  return {
    id,
    name: id,
    aliases: [],
    uuid: uuidOf(id),
    displayName: name,
    // Of the older generation the request names the texts to be replaced.
    dialect: row["generation"] === "legacy" ? "substitution" : "handlebars",
    from: null,
    replyTo: null,
    labels: [],
    versions: inOrder.map(versionOf),
    obstacle: null,
  };
}

const updatedAt = (version: JsonRecord): number => isoTimeOf(version["updated_at"]) ?? 0;

const versionOf = (version: JsonRecord): FoundVersion => ({
  label: textOf(version["name"]) ?? "",
  subject: textOf(version["subject"]),
  html: textOf(version["html_content"]),
  // Made there of the HTML with each message; ours would be as old as the template.
  text: version["generate_plain_content"] === true ? null : textOf(version["plain_content"]),
  isActive: numberOf(version["active"]) === 1,
});

/** `d-` and a UUID without its hyphens; a legacy template's is one as it is. */
function uuidOf(id: string): string | null {
  if (isUuid(id)) return id;
  const digits = /^d-([0-9a-f]{32})$/.exec(id)?.[1];
  return digits === undefined ? null : digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const LISTS = [
  ["bounces", "bounced"],
  ["spam_reports", "complained"],
  ["unsubscribes", "unsubscribed"],
  ["invalid_emails", "invalid"],
] as const;

async function* suppressions(get: Get): AsyncGenerator<AccountItem> {
  for (const [list, kind] of LISTS) {
    for await (const row of byOffset(get, `/v3/suppression/${list}`, PAGE)) {
      const created = numberOf(row["created"]);
      const suppression = {
        address: textOf(row["email"]) ?? "",
        kind,
        detail: detailOf(textOf(row["reason"])),
        at: created === null ? null : created * 1_000,
      };
      yield { part: "suppressions", suppression };
    }
  }
  // Neither keeps SendGrid from sending: a block is told of one message, a group is of one kind of mail.
  let blocks = 0;
  for await (const _ of byOffset(get, "/v3/suppression/blocks", PAGE)) blocks += 1;
  if (blocks > 0) yield { part: "suppressions", left: blocks, because: "blocks do not suppress" };
  const inGroups = rowsIn(await get("/v3/asm/suppressions"), "/v3/asm/suppressions").length;
  if (inGroups > 0) yield { part: "suppressions", left: inGroups, because: "unsubscribed from one group of mail" };
}
