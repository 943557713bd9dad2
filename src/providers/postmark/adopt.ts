import type { AccountItem, AccountReading, DnsRecord, FoundSuppression, FoundTemplate } from "../adopt/items.ts";
import {
  inParts,
  jsonIn,
  type PartReader,
  patiently,
  publicAddress,
  type ReadingParts,
  rowsIn,
} from "../adopt/reading.ts";
import type { HttpCaller } from "../http.ts";
import { booleanOf, isoTimeOf, type JsonRecord, numberOf, recordOf, textOf } from "../json-reading.ts";
import type { TokenKind } from "./questions.ts";

type Get = (kind: TokenKind, path: string) => Promise<JsonRecord>;
/** "Max 500", and "Count + Offset cannot exceed 10,000" (seen 2026-11-25). */
const PAGE = 500;
const MOST = 10_000;

/**
 * What a Postmark server and, with the account's token, its account hold. Fields: signatures, domains, servers, webhooks,
 * message streams, suppressions and templates APIs (postmarkapp.com/developer/api, typings of its client 4.0.5, seen 2026-11-25).
 */
export function readPostmark(
  caller: HttpCaller,
  tokens: Readonly<Record<TokenKind, string | null>>,
  parts: ReadingParts,
): AsyncGenerator<AccountReading> {
  const get: Get = async (kind, path) => {
    const headers = { [`x-postmark-${kind}-token`]: tokens[kind] ?? "" };
    const answer = await patiently(() => caller.call({ method: "GET", path, headers }), parts);
    return recordOf(jsonIn(answer, path.replace(/\?.*$/, ""), ({ json }) => saidIn(recordOf(json))));
  };
  const ofServer: PartReader[] = [
    ["webhooks", () => webhooks(get)],
    ["templates", () => templates(get)],
    ["suppressions", () => suppressions(get)],
  ];
  const ofAccount: PartReader[] = [
    ["senders", () => senders(get)],
    ["domains", () => domains(get)],
    ["subaccounts", () => servers(get)],
  ];
  return withNotes(tokens.account !== null, inParts(tokens.account === null ? ofServer : [...ofAccount, ...ofServer]));
}

async function* withNotes(
  hasAccount: boolean,
  readings: AsyncGenerator<AccountReading>,
): AsyncGenerator<AccountReading> {
  yield { kind: "not-listed", part: "keys", reason: "Postmark's tokens have neither names nor dates." };
  if (!hasAccount) {
    for (const part of ["senders", "domains", "subaccounts"] as const) {
      yield { kind: "not-listed", part, reason: "Only the account's token shows these: --read-key, or readKey." };
    }
  }
  yield* readings;
}

const saidIn = (body: JsonRecord): string | null =>
  [numberOf(body["ErrorCode"]), textOf(body["Message"])].filter((one) => one !== null).join(" ") || null;

async function* paged(get: Get, kind: TokenKind, path: string, member: string): AsyncGenerator<JsonRecord> {
  for (let offset = 0; offset < MOST; offset += PAGE) {
    const rows = rowsIn((await get(kind, `${path}?count=${PAGE}&offset=${offset}`))[member], path);
    yield* rows;
    if (rows.length < PAGE) return;
  }
}

async function* senders(get: Get): AsyncGenerator<AccountItem> {
  for await (const row of paged(get, "account", "/senders", "SenderSignatures")) {
    const address = textOf(row["EmailAddress"]) ?? "";
    yield { part: "senders", address, isVerified: booleanOf(row["Confirmed"]) };
  }
}

async function* domains(get: Get): AsyncGenerator<AccountItem> {
  for await (const row of paged(get, "account", "/domains", "Domains")) {
    const whole = await get("account", `/domains/${encodeURIComponent(textOf(row["ID"]) ?? "")}`);
    yield {
      part: "domains",
      domain: textOf(row["Name"]) ?? "",
      isVerified: booleanOf(row["DKIMVerified"]),
      records: recordsOf(whole),
    };
  }
}

/** A key that waits for its record (`DKIMPending…`) stands beside the one in use. */
function recordsOf(row: JsonRecord): DnsRecord[] {
  const record = (
    purpose: DnsRecord["purpose"],
    type: DnsRecord["type"],
    name: string,
    value: string,
    isFound: boolean | null,
  ): DnsRecord[] => {
    const [host, text] = [textOf(row[name]), textOf(row[value])];
    return host === null || text === null ? [] : [{ purpose, type, name: host, value: text, isFound }];
  };
  return [
    ...record("DKIM", "TXT", "DKIMHost", "DKIMTextValue", booleanOf(row["DKIMVerified"])),
    ...record("DKIM", "TXT", "DKIMPendingHost", "DKIMPendingTextValue", false),
    ...record(
      "return path",
      "CNAME",
      "ReturnPathDomain",
      "ReturnPathDomainCNAMEValue",
      booleanOf(row["ReturnPathDomainVerified"]),
    ),
  ];
}

/** A server is an account of its own within the account; the one that is read is none of the others. */
async function* servers(get: Get): AsyncGenerator<AccountItem> {
  const own = textOf((await get("server", "/server"))["ID"]);
  for await (const row of paged(get, "account", "/servers", "Servers")) {
    if (textOf(row["ID"]) === own) continue;
    yield { part: "subaccounts", name: `server ${textOf(row["Name"]) ?? ""}`, state: textOf(row["DeliveryType"]) };
  }
}

async function* webhooks(get: Get): AsyncGenerator<AccountItem> {
  for (const row of rowsIn((await get("server", "/webhooks"))["Webhooks"], "/webhooks")) {
    const events = Object.entries(recordOf(row["Triggers"])).filter(([, one]) => recordOf(one)["Enabled"] === true);
    yield {
      part: "webhooks",
      id: textOf(row["ID"]) ?? "",
      url: publicAddress(textOf(row["Url"])),
      events: events.map(([event]) => event),
    };
  }
}

async function* templates(get: Get): AsyncGenerator<AccountItem> {
  const layouts = new Map<string, JsonRecord>();
  const bodies: JsonRecord[] = [];
  for await (const row of paged(get, "server", "/templates", "Templates")) {
    const whole = { ...row, ...(await get("server", `/templates/${textOf(row["TemplateId"]) ?? ""}`)) };
    const alias = textOf(row["Alias"]);
    if (row["TemplateType"] === "Layout" && alias !== null) layouts.set(alias, whole);
    bodies.push(whole);
  }
  for (const one of bodies) yield { part: "templates", template: templateOf(one, layouts) };
}

const CONTENT = /\{\{\{\s*@content\s*\}\}\}/g;
const LAYOUT = "It is a layout. The templates that use it are adopted with it in them.";

function templateOf(row: JsonRecord, layouts: ReadonlyMap<string, JsonRecord>): FoundTemplate {
  const id = textOf(row["TemplateId"]) ?? "";
  const alias = textOf(row["Alias"]);
  const layout = textOf(row["LayoutTemplate"]);
  const around = layout === null ? null : (layouts.get(layout) ?? null);
  /** A layout is there for the part it has. */
  const source = (part: string): string | null => {
    const own = textOf(row[part]);
    const frame = around === null ? null : textOf(around[part]);
    return own === null || frame === null ? own : frame.replace(CONTENT, () => own);
  };
  const isMissing = layout !== null && around === null;
  return {
    id,
    name: alias ?? id,
    // Applications call a template by either.
    aliases: alias === null ? [] : [id],
    uuid: null,
    displayName: textOf(row["Name"]) ?? alias ?? id,
    dialect: "mustachio",
    from: null,
    replyTo: null,
    labels: [],
    versions: [
      {
        label: "",
        subject: textOf(row["Subject"]),
        html: source("HtmlBody"),
        text: source("TextBody"),
        isActive: row["Active"] !== false,
      },
    ],
    obstacle: row["TemplateType"] === "Layout" ? LAYOUT : isMissing ? `Its layout ${layout} was not found.` : null,
  };
}

async function* suppressions(get: Get): AsyncGenerator<AccountItem> {
  for (const stream of rowsIn((await get("server", "/message-streams"))["MessageStreams"], "/message-streams")) {
    const [id, type] = [textOf(stream["ID"]) ?? "", stream["MessageStreamType"]];
    if (type === "Inbound") continue;
    const path = `/message-streams/${encodeURIComponent(id)}/suppressions/dump`;
    const rows = rowsIn((await get("server", path))["Suppressions"], path);
    // Each stream has a list of its own: whoever wants no newsletter still wants a receipt.
    if (type !== "Transactional") {
      if (rows.length > 0) yield { part: "suppressions", left: rows.length, because: `of the stream ${id}` };
      continue;
    }
    for (const row of rows) {
      const address = textOf(row["EmailAddress"]) ?? "";
      const at = isoTimeOf(row["CreatedAt"]);
      yield { part: "suppressions", suppression: { address, kind: kindOf(row), detail: `stream ${id}`, at } };
    }
  }
}

function kindOf(row: JsonRecord): FoundSuppression["kind"] {
  if (row["SuppressionReason"] === "HardBounce") return "bounced";
  if (row["SuppressionReason"] === "SpamComplaint") return "complained";
  return row["Origin"] === "Recipient" ? "unsubscribed" : "manual";
}
