import type { AccountItem, AccountReading, DnsRecord } from "../adopt/items.ts";
import { inParts, jsonIn, PAGES, PartFault, patiently, type ReadingParts, rowsIn } from "../adopt/reading.ts";
import { booleanOf, type JsonRecord, numberOf, recordOf, textOf, textsOf } from "../json-reading.ts";
import { pageOf, type SesApi, type SesCall } from "./api.ts";
import { errorOf } from "./errors.ts";
import { configurationSets } from "./posture-sets.ts";
import { encoded } from "./sigv4.ts";
import { ACCOUNT_PATH } from "./status.ts";

type Ask = (call: SesCall) => Promise<JsonRecord>;

/**
 * What an account at Amazon SES holds in one region. Paths and fields: @aws-sdk/client-sesv2 3.1175 (seen 2026-11-25). Most
 * questions are allowed once a second; patiently() waits as SES asks for it.
 */
export function readSes(api: SesApi, region: string, parts: ReadingParts): AsyncGenerator<AccountReading> {
  const ask: Ask = async (call) => {
    const answer = await patiently(
      () => api.call(call),
      parts,
      ({ headers, json }) => /^(?:TooManyRequests|Throttling)/.test(errorOf(headers, json).type),
    );
    return recordOf(jsonIn(answer, call.path, ({ headers, json }) => errorOf(headers, json).type || null));
  };
  return withNotes(
    inParts([
      ["account", () => account(ask)],
      ["domains", () => identities(ask, region)],
      ["webhooks", () => destinations(api)],
      ["templates", () => templates(ask)],
      ["suppressions", () => suppressions(ask)],
    ]),
  );
}

async function* withNotes(readings: AsyncGenerator<AccountReading>): AsyncGenerator<AccountReading> {
  yield { kind: "not-listed", part: "keys", reason: "Keys and users of AWS are in IAM, not in SES." };
  yield* readings;
}

async function* pages(ask: Ask, call: SesCall, member: string, size: number): AsyncGenerator<JsonRecord> {
  let token: string | null = null;
  for (let n = 0; n < PAGES; n += 1) {
    const page = await ask(pageOf(call, size, token));
    yield* rowsIn(page[member], call.path);
    token = textOf(page["NextToken"]);
    if (token === null) return;
  }
  throw new PartFault("too-long", `${call.path}: more than ${PAGES * size} entries`);
}

async function* account(ask: Ask): AsyncGenerator<AccountItem> {
  const told = await ask({ method: "GET", path: ACCOUNT_PATH });
  if (told["ProductionAccessEnabled"] === false) {
    const text =
      "The account is in the sandbox of this region: it sends to verified addresses only. Ask AWS for production access.";
    yield { part: "account", fact: "state", text };
  }
  if (told["SendingEnabled"] === false) {
    yield { part: "account", fact: "state", text: "Sending is off, or was taken away by AWS." };
  }
}

/** Domains and single addresses are identities alike; the addresses are told as senders with the domains. */
async function* identities(ask: Ask, region: string): AsyncGenerator<AccountItem> {
  const list: SesCall = { method: "POST", path: "/v2/email/list-identities" };
  for await (const row of pages(ask, list, "EmailIdentities", 1_000)) {
    const name = textOf(row["IdentityName"]) ?? "";
    const detail = await ask({ method: "GET", path: `/v2/email/identities/${encoded(name)}` });
    const isVerified = booleanOf(detail["VerifiedForSendingStatus"]);
    if (row["IdentityType"] === "EMAIL_ADDRESS") yield { part: "senders", address: name, isVerified };
    else yield { part: "domains", domain: name, isVerified, records: recordsOf(name, detail, region) };
  }
}

/** "Easy DKIM in Amazon SES", "Using a custom MAIL FROM domain" (AWS, seen 2026-11-25). */
function recordsOf(domain: string, detail: JsonRecord, region: string): DnsRecord[] {
  const dkim = recordOf(detail["DkimAttributes"]);
  const isFound = dkim["Status"] === "SUCCESS" ? true : dkim["Status"] === "FAILED" ? false : null;
  const zone = textOf(dkim["SigningHostedZone"]) ?? "dkim.amazonses.com";
  const isOwnKey = dkim["SigningAttributesOrigin"] === "EXTERNAL";
  const records = textsOf(dkim["Tokens"]).map((token): DnsRecord => {
    const name = `${token}._domainkey.${domain}`;
    if (isOwnKey) return { purpose: "DKIM", type: "TXT", name, value: "p=… (a key of your own)", isFound };
    return { purpose: "DKIM", type: "CNAME", name, value: `${token}.${zone}`, isFound };
  });
  const mailFrom = recordOf(detail["MailFromAttributes"]);
  const name = textOf(mailFrom["MailFromDomain"]);
  if (name === null) return records;
  const status = mailFrom["MailFromDomainStatus"];
  const isMailFromFound = status === "SUCCESS" ? true : status === "FAILED" ? false : null;
  return [
    ...records,
    {
      purpose: "return path",
      type: "MX",
      name,
      value: `10 feedback-smtp.${region}.amazonses.com`,
      isFound: isMailFromFound,
    },
    { purpose: "SPF", type: "TXT", name, value: "v=spf1 include:amazonses.com ~all", isFound: isMailFromFound },
  ];
}

/** Where configuration sets tell of their mail. */
async function* destinations(api: SesApi): AsyncGenerator<AccountItem> {
  const sets = await configurationSets(api);
  if (sets.kind === "unavailable") {
    const isRefused = /status 4(?!29)\d\d/.test(sets.reason);
    throw new PartFault(isRefused ? "refused" : "unavailable", sets.reason);
  }
  for (const { kind, id, facts } of sets.value) {
    if (kind !== "webhook" || facts["enabled"] === false) continue;
    yield {
      part: "webhooks",
      id,
      url: String(facts["end"] ?? "unreadable"),
      events: String(facts["events"] ?? "")
        .split(" ")
        .filter((event) => event !== ""),
    };
  }
}

async function* templates(ask: Ask): AsyncGenerator<AccountItem> {
  const path = "/v2/email/templates";
  for await (const row of pages(ask, { method: "GET", path }, "TemplatesMetadata", 100)) {
    const name = textOf(row["TemplateName"]) ?? "";
    const content = recordOf((await ask({ method: "GET", path: `${path}/${encoded(name)}` }))["TemplateContent"]);
    const version = {
      label: "",
      subject: textOf(content["Subject"]),
      html: textOf(content["Html"]),
      text: textOf(content["Text"]),
      isActive: true,
    };
    yield {
      part: "templates",
      template: {
        id: name,
        name,
        aliases: [],
        uuid: null,
        displayName: name,
        dialect: "handlebars",
        from: null,
        replyTo: null,
        labels: [],
        versions: [version],
        obstacle: null,
      },
    };
  }
}

async function* suppressions(ask: Ask): AsyncGenerator<AccountItem> {
  const list: SesCall = { method: "GET", path: "/v2/email/suppression/addresses" };
  for await (const row of pages(ask, list, "SuppressedDestinationSummaries", 1_000)) {
    const seconds = numberOf(row["LastUpdateTime"]);
    const suppression = {
      address: textOf(row["EmailAddress"]) ?? "",
      kind: row["Reason"] === "COMPLAINT" ? ("complained" as const) : ("bounced" as const),
      detail: "",
      at: seconds === null ? null : seconds * 1_000,
    };
    yield { part: "suppressions", suppression };
  }
}
