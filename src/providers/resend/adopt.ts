import type {
  AccountItem,
  AccountReading,
  DnsRecord,
  FoundSuppression,
  FoundTemplate,
  RecordPurpose,
} from "../adopt/items.ts";
import {
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
import { isoTimeOf, type JsonRecord, listOf, numberOf, recordOf, textOf, textsOf } from "../json-reading.ts";
import { authorization } from "./questions.ts";

type Get = (path: string) => Promise<JsonRecord>;
const PAGE = 100;

/**
 * What a Resend account holds. Paths and fields: resend-openapi fd6f395 (seen 2026-11-25). Resend knows no senders but its
 * domains, and no accounts below an account.
 */
export function readResend(caller: HttpCaller, key: string, parts: ReadingParts): AsyncGenerator<AccountReading> {
  const get: Get = async (path) => {
    const headers = { authorization: authorization(key) };
    const answer = await patiently(() => caller.call({ method: "GET", path, headers }), parts);
    return recordOf(jsonIn(answer, path.replace(/\?.*$/, ""), ({ json }) => textOf(recordOf(json)["name"])));
  };
  return inParts([
    ["domains", () => domains(get)],
    ["webhooks", () => webhooks(get)],
    ["keys", () => keys(get)],
    ["templates", () => templates(get)],
    ["suppressions", () => suppressions(get)],
  ]);
}

async function* byCursor(get: Get, path: string): AsyncGenerator<JsonRecord> {
  let after = "";
  for (let page = 0; page < PAGES; page += 1) {
    const answer = await get(`${path}?limit=${PAGE}${after}`);
    const rows = rowsIn(answer["data"], path);
    yield* rows;
    const last = textOf(rows.at(-1)?.["id"]);
    if (answer["has_more"] !== true || last === null) return;
    after = `&after=${encodeURIComponent(last)}`;
  }
  throw new PartFault("too-long", `${path}: more than ${PAGES * PAGE} entries`);
}
const single = (get: Get, path: string, row: JsonRecord): Promise<JsonRecord> =>
  get(`${path}/${encodeURIComponent(textOf(row["id"]) ?? "")}`);

async function* domains(get: Get): AsyncGenerator<AccountItem> {
  for await (const row of byCursor(get, "/domains")) {
    const domain = textOf(row["name"]) ?? "";
    const whole = await single(get, "/domains", row);
    const records = listOf(whole["records"]).map(recordOf);
    yield {
      part: "domains",
      domain,
      isVerified: row["status"] === "verified",
      records: records.flatMap((record) => recordIn(record, domain)),
    };
  }
}

function recordIn(row: JsonRecord, domain: string): DnsRecord[] {
  const [type, name, value] = [textOf(row["type"]), textOf(row["name"]), textOf(row["value"])];
  if ((type !== "CNAME" && type !== "TXT" && type !== "MX") || name === null || value === null) return [];
  const word = textOf(row["record"]);
  if (word !== "DKIM" && word !== "SPF" && word !== "Tracking") return []; // receiving is not ours to set up
  const purpose: RecordPurpose =
    word === "DKIM" ? "DKIM" : word === "Tracking" ? "tracking" : type === "MX" ? "return path" : "SPF";
  const isFound = row["status"] === "verified" ? true : row["status"] === "failed" ? false : null;
  const priority = numberOf(row["priority"]);
  return [
    {
      purpose,
      type,
      name: wholeName(name, domain),
      value: priority === null ? value : `${priority} ${value}`,
      isFound,
    },
  ];
}

/** Names are given within the zone: of `mail.acme.example` as `send.mail`, of `acme.example` as `send`. */
export function wholeName(name: string, domain: string): string {
  if (name === domain || name.endsWith(`.${domain}`)) return name;
  const [given, own] = [name.split("."), domain.split(".")];
  for (let shared = Math.min(given.length, own.length - 1); shared > 0; shared -= 1) {
    if (given.slice(-shared).join(".") === own.slice(0, shared).join(".")) {
      return [...given.slice(0, -shared), domain].join(".");
    }
  }
  return `${name}.${domain}`;
}

async function* webhooks(get: Get): AsyncGenerator<AccountItem> {
  for await (const row of byCursor(get, "/webhooks")) {
    if (row["status"] === "disabled") continue;
    const url = publicAddress(textOf(row["endpoint"]));
    yield { part: "webhooks", id: textOf(row["id"]) ?? "", url, events: textsOf(row["events"]) };
  }
}

async function* keys(get: Get): AsyncGenerator<AccountItem> {
  for await (const row of byCursor(get, "/api-keys")) {
    yield {
      part: "keys",
      name: textOf(row["name"]) ?? "",
      createdAt: isoTimeOf(row["created_at"]),
      lastUsedAt: isoTimeOf(row["last_used_at"]),
    };
  }
}

async function* templates(get: Get): AsyncGenerator<AccountItem> {
  for await (const row of byCursor(get, "/templates")) {
    yield { part: "templates", template: templateOf(await single(get, "/templates", row)) };
  }
}

function templateOf(row: JsonRecord): FoundTemplate {
  const id = textOf(row["id"]) ?? "";
  const alias = textOf(row["alias"]);
  const replyTo = textsOf(row["reply_to"]).join(", ");
  const variables = listOf(row["variables"]).map(recordOf);
  const fallbacks = variables.flatMap((one) => {
    const value = one["fallback_value"];
    return typeof value === "string" || typeof value === "number" ? [[textOf(one["key"]) ?? "", value] as const] : [];
  });
  const lists = variables
    .filter((one) => one["type"] === "list" || one["type"] === "object")
    .map((one) => textOf(one["key"]));
  return {
    id,
    name: `resend-${id}`,
    aliases: alias === null ? [] : [alias],
    uuid: id,
    displayName: textOf(row["name"]) ?? id,
    dialect: "resend",
    from: textOf(row["from"]),
    replyTo: replyTo === "" ? null : replyTo,
    labels: [],
    versions: [
      {
        label: "",
        subject: textOf(row["subject"]),
        html: textOf(row["html"]),
        text: textOf(row["text"]),
        fallbacks: Object.fromEntries(fallbacks),
        isActive: row["status"] === "published",
      },
    ],
    obstacle: lists.length === 0 ? null : `Its variables ${lists.join(", ")} are lists or objects.`,
  };
}

const kindOf = (origin: unknown): FoundSuppression["kind"] =>
  origin === "bounce" ? "bounced" : origin === "complaint" ? "complained" : "manual";

async function* suppressions(get: Get): AsyncGenerator<AccountItem> {
  for await (const row of byCursor(get, "/suppressions")) {
    const suppression = {
      address: textOf(row["email"]) ?? "",
      kind: kindOf(row["origin"]),
      detail: "",
      at: isoTimeOf(row["created_at"]),
    };
    yield { part: "suppressions", suppression };
  }
}
