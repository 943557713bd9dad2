import type { HttpCaller } from "../http.ts";
import { booleanOf, isoTimeOf, type JsonRecord, recordOf, textOf, textsOf } from "../json-reading.ts";
import type { AccountItem, AccountReading, DnsRecord, FoundTemplate, FoundVersion } from "../adopt/items.ts";
import {
  detailOf,
  inParts,
  jsonIn,
  patiently,
  PartFault,
  publicAddress,
  type ReadingParts,
  rowsIn,
} from "../adopt/reading.ts";
import { callTo, errorName } from "./api.ts";

/** "Returns up to 1000 results" (rejects/list), and no way to ask for those behind them. */
const MOST_REJECTS = 1_000;

type List = (method: string, parameters?: Record<string, unknown>) => Promise<JsonRecord[]>;

/** What a Mandrill account holds. Fields: specification of Mailchimp Transactional, OpenAPI document 1.1.0 (seen 2026-11-25). */
export function readMandrill(caller: HttpCaller, key: string, parts: ReadingParts): AsyncGenerator<AccountReading> {
  const list: List = async (method, parameters = {}) => {
    const body = JSON.stringify({ key, ...parameters });
    const answer = await patiently(() => caller.call(callTo(method, body)), parts);
    return rowsIn(
      jsonIn(answer, method, ({ json }) => errorName(json)),
      method,
    );
  };
  return withoutKeys(
    inParts([
      ["account", () => metadata(list)],
      ["senders", () => senders(list)],
      ["domains", () => domains(list)],
      ["webhooks", () => webhooks(list)],
      ["subaccounts", () => subaccounts(list)],
      ["templates", () => templates(list)],
      ["suppressions", () => rejects(list)],
    ]),
  );
}

async function* withoutKeys(readings: AsyncGenerator<AccountReading>): AsyncGenerator<AccountReading> {
  yield { kind: "not-listed", part: "keys", reason: "Mandrill's API lists neither keys nor users of the account." };
  yield* readings;
}

async function* metadata(list: List): AsyncGenerator<AccountItem> {
  for (const row of await list("metadata/list")) {
    if (row["state"] !== "active") continue;
    yield { part: "account", fact: "indexed-metadata", name: textOf(row["name"]) ?? "" };
  }
}

/** "The senders that have tried to use this account, both verified and unverified." Which they are the domains say. */
async function* senders(list: List): AsyncGenerator<AccountItem> {
  for (const row of await list("users/senders")) {
    yield { part: "senders", address: textOf(row["address"]) ?? "", isVerified: null };
  }
}

async function* domains(list: List): AsyncGenerator<AccountItem> {
  for (const row of await list("senders/domains")) {
    const domain = textOf(row["domain"]) ?? "";
    const [spf, dkim] = [recordOf(row["spf"])["valid"], recordOf(row["dkim"])["valid"]];
    yield {
      part: "domains",
      domain,
      isVerified: booleanOf(row["valid_signing"]) === true && textOf(row["verified_at"]) !== null,
      records: recordsOf(domain, booleanOf(spf), booleanOf(dkim)),
    };
  }
}

/** The API tells whether they are right, and not what they are: "Authentication and Delivery" does (seen 2026-11-25). */
const recordsOf = (domain: string, spf: boolean | null, dkim: boolean | null): DnsRecord[] => [
  ...[1, 2].map((n): DnsRecord => ({
    purpose: "DKIM",
    type: "CNAME",
    name: `mte${n}._domainkey.${domain}`,
    value: `dkim${n}.mandrillapp.com`,
    isFound: dkim,
  })),
  { purpose: "SPF", type: "TXT", name: domain, value: "include:spf.mandrillapp.com", isFound: spf },
];

async function* webhooks(list: List): AsyncGenerator<AccountItem> {
  for (const row of await list("webhooks/list")) {
    yield {
      part: "webhooks",
      id: textOf(row["id"]) ?? "",
      url: publicAddress(textOf(row["url"])),
      events: textsOf(row["events"]),
    };
  }
}

async function* subaccounts(list: List): AsyncGenerator<AccountItem> {
  for (const row of await list("subaccounts/list")) {
    yield { part: "subaccounts", name: textOf(row["id"]) ?? "", state: textOf(row["status"]) };
  }
}

async function* templates(list: List): AsyncGenerator<AccountItem> {
  for (const row of await list("templates/list")) yield { part: "templates", template: templateOf(row) };
}

function templateOf(row: JsonRecord): FoundTemplate {
  const slug = textOf(row["slug"]) ?? "";
  const name = textOf(row["name"]) ?? slug;
  const source = (prefix: string): Omit<FoundVersion, "label" | "isActive"> => ({
    subject: textOf(row[`${prefix}subject`]),
    html: textOf(row[`${prefix}code`]),
    text: textOf(row[`${prefix}text`]),
  });
  const [draft, published] = [source(""), source("publish_")];
  const isPublished = textOf(row["published_at"]) !== null;
  const isSame = draft.subject === published.subject && draft.html === published.html && draft.text === published.text;
  const [fromName, fromEmail] = ["from_name", "from_email"].map((field) =>
    textOf(row[isPublished ? `publish_${field}` : field]),
  );
  return {
    id: slug,
    name: slug,
    // Calls by the name of a template are answered, too ("template_name … may also be the name", send-template).
    aliases: name === slug ? [] : [name],
    uuid: null,
    displayName: name,
    dialect: dialectOf([draft, published].flatMap(({ subject, html, text }) => [subject, html, text])),
    from: fromEmail === null || fromEmail === undefined ? null : mailbox(fromName ?? null, fromEmail),
    replyTo: null,
    labels: textsOf(row["labels"]),
    versions: [
      ...(isPublished ? [{ label: "", ...published, isActive: true }] : []),
      ...(isPublished && isSame ? [] : [{ label: "", ...draft, isActive: false }]),
    ],
    obstacle: null,
  };
}

/** A template does not say in which of the two languages it is; each message does. Its placeholders tell. */
const dialectOf = (sources: readonly (string | null | undefined)[]): "mailchimp" | "handlebars" => {
  const all = sources.join("\n");
  return /\*\|/.test(all) || !/\{\{/.test(all) ? "mailchimp" : "handlebars";
};

const mailbox = (name: string | null, address: string): string =>
  name === null ? address : `${/^[\p{L}\p{N} ]+$/u.test(name) ? name : JSON.stringify(name)} <${address}>`;

const KINDS = { "hard-bounce": "bounced", spam: "complained", unsub: "unsubscribed", custom: "manual" } as const;

async function* rejects(list: List): AsyncGenerator<AccountItem> {
  const rows = await list("rejects/list", { include_expired: false });
  yield* rejectItems(rows);
  if (rows.length >= MOST_REJECTS) {
    throw new PartFault(
      "too-long",
      `rejects/list gives ${MOST_REJECTS} at most. Export the denylist in Mandrill (Settings › Exports, or exports/rejects) and give its file: --rejects rejects.csv`,
    );
  }
}

/** Rows of rejects/list, or of the file of an export. */
export function* rejectItems(rows: readonly JsonRecord[]): Generator<AccountItem> {
  let passing = 0;
  for (const row of rows) {
    const reason = textOf(row["reason"]) ?? "";
    const kind = Object.hasOwn(KINDS, reason) ? KINDS[reason as keyof typeof KINDS] : null;
    // A soft bounce ends by itself, after hours or days.
    if (kind === null) passing += 1;
    else {
      const address = textOf(row["email"]) ?? "";
      const [detail, at] = [detailOf(textOf(row["detail"])), utcOf(row["created_at"])];
      yield { part: "suppressions", suppression: { address, kind, detail, at } };
    }
  }
  if (passing > 0) yield { part: "suppressions", left: passing, because: "soft bounces end by themselves" };
}

/** Mandrill's times are UTC and do not say so: `2013-01-01 15:30:27`. */
const utcOf = (value: unknown): number | null =>
  isoTimeOf(typeof value === "string" ? value.replace(/^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d+)?$/, "$1Z") : value);
