import { createHash } from "node:crypto";
import type { Asked, PostureItem } from "../account.ts";
import { booleanOf, type JsonRecord, recordOf, textOf, textsOf } from "../json-reading.ts";
import type { SesApi } from "./api.ts";
import { configurationSets } from "./posture-sets.ts";
import { ACCOUNT_PATH } from "./status.ts";
import { encoded } from "./sigv4.ts";

/**
 * How the account is configured: who may send as whom, where events and copies go, whom it silences, what left it. Paths
 * and fields: @aws-sdk/client-sesv2 3.1175 (seen 2026-11-25). Counters and states that change by themselves are left out.
 * Asked one after the other, because SES allows one such question a second: an account with 100 identities takes minutes.
 * Receipt rules are in the older API only, and keys and users in IAM.
 */
export async function askPosture(api: SesApi): Promise<Asked<PostureItem[]>> {
  const found: PostureItem[] = [];
  for (const part of [
    account,
    identities,
    configurationSets,
    suppressions,
    exports,
    imports,
    templates,
    contactLists,
  ]) {
    const items = await part(api);
    if (items.kind === "unavailable") return items;
    found.push(...items.value);
  }
  return { kind: "answer", value: found };
}

export type Part = (api: SesApi) => Promise<Asked<PostureItem[]>>;

async function account(api: SesApi): Promise<Asked<PostureItem[]>> {
  const answer = await api.ask({ method: "GET", path: ACCOUNT_PATH });
  if (answer.kind === "unavailable") return answer;
  const of = answer.value;
  const facts = {
    sendingEnabled: booleanOf(of["SendingEnabled"]),
    productionAccess: booleanOf(of["ProductionAccessEnabled"]),
    suppressedReasons: sorted(recordOf(of["SuppressionAttributes"])["SuppressedReasons"]),
    insights: textOf(recordOf(of["VdmAttributes"])["VdmEnabled"]),
    engagementMetrics: textOf(recordOf(recordOf(of["VdmAttributes"])["DashboardAttributes"])["EngagementMetrics"]),
    contacts: sorted(recordOf(of["Details"])["AdditionalContactEmailAddresses"]),
  };
  return { kind: "answer", value: [{ kind: "setting", id: "account", facts }] };
}

async function identities(api: SesApi): Promise<Asked<PostureItem[]>> {
  const list = await whole(api, { method: "POST", path: "/v2/email/list-identities" }, "EmailIdentities", 1_000);
  if (list.kind === "unavailable") return list;
  const found: PostureItem[] = [];
  for (const one of list.value) {
    const name = textOf(one["IdentityName"]) ?? "";
    const path = `/v2/email/identities/${encoded(name)}`;
    const detail = await api.ask({ method: "GET", path });
    if (detail.kind === "unavailable") return { kind: "unavailable", reason: `an identity: ${detail.reason}` };
    found.push(identity(name, one, detail.value), ...policies(name, detail.value));
  }
  return { kind: "answer", value: found };
}

function identity(name: string, one: JsonRecord, detail: JsonRecord): PostureItem {
  const dkim = recordOf(detail["DkimAttributes"]);
  const mailFrom = recordOf(detail["MailFromAttributes"]);
  return {
    kind: textOf(one["IdentityType"]) === "EMAIL_ADDRESS" ? "sender" : "domain",
    id: name,
    facts: {
      verified: booleanOf(detail["VerifiedForSendingStatus"]),
      sendingEnabled: booleanOf(one["SendingEnabled"]),
      dkimSigning: booleanOf(dkim["SigningEnabled"]),
      dkimOrigin: textOf(dkim["SigningAttributesOrigin"]),
      dkimTokens: sorted(dkim["Tokens"]),
      mailFromDomain: textOf(mailFrom["MailFromDomain"]),
      feedbackForwarding: booleanOf(detail["FeedbackForwardingStatus"]),
      configurationSet: textOf(detail["ConfigurationSetName"]),
    },
  };
}

/** A policy of an identity lets another account send in its name: with it nobody needs a key of ours. */
const policies = (identityName: string, detail: JsonRecord): PostureItem[] =>
  Object.entries(recordOf(detail["Policies"])).map(([name, policy]) => ({
    kind: "user",
    id: `policy ${identityName} ${name}`,
    facts: { fingerprint: fingerprint(textOf(policy) ?? ""), principals: principalsIn(textOf(policy) ?? "") },
  }));

function principalsIn(policy: string): string {
  try {
    const statement = recordOf(JSON.parse(policy))["Statement"];
    const all = (Array.isArray(statement) ? statement : [statement]).flatMap((one) => {
      const principal = recordOf(one)["Principal"];
      return typeof principal === "string"
        ? [principal]
        : Object.values(recordOf(principal)).flatMap((value) => (typeof value === "string" ? [value] : textsOf(value)));
    });
    return [...new Set(all)].toSorted().join(" ").slice(0, 1_000);
  } catch {
    return "unreadable";
  }
}

/** Somebody added here in silence gets no more mail. Known again by a fingerprint: a recipient's address is nobody's to keep. */
async function suppressions(api: SesApi): Promise<Asked<PostureItem[]>> {
  const list = await api.list(
    { method: "GET", path: "/v2/email/suppression/addresses" },
    "SuppressedDestinationSummaries",
    1_000,
  );
  if (list.kind === "unavailable") return list;
  if (list.value === null) {
    return {
      kind: "answer",
      value: [{ kind: "setting", id: "suppression list", facts: { isTooLongToCompare: true } }],
    };
  }
  const items = list.value.map(recordOf).map((one): PostureItem => ({
    kind: "suppression",
    id: fingerprint((textOf(one["EmailAddress"]) ?? "").toLowerCase()),
    facts: { reason: textOf(one["Reason"]) },
  }));
  return { kind: "answer", value: items };
}

/** What left the account: lists of messages with their recipients. */
const exports: Part = (api) =>
  rows(api, { method: "POST", path: "/v2/email/list-export-jobs" }, "ExportJobs", 100, (one) => ({
    kind: "export",
    id: textOf(one["JobId"]) ?? "",
    facts: { source: textOf(one["ExportSourceType"]), createdAt: textOf(one["CreatedTimestamp"]) },
  }));

/** Many addresses silenced, or freed, at once. */
const imports: Part = (api) =>
  rows(api, { method: "POST", path: "/v2/email/import-jobs/list" }, "ImportJobs", 100, (one) => {
    const to = recordOf(one["ImportDestination"]);
    return {
      kind: "suppression",
      id: `import ${textOf(one["JobId"]) ?? ""}`,
      facts: {
        action: textOf(recordOf(to["SuppressionListDestination"])["SuppressionListImportAction"]),
        contactList: textOf(recordOf(to["ContactListDestination"])["ContactListName"]),
        createdAt: textOf(one["CreatedTimestamp"]),
      },
    };
  });

const templates: Part = (api) =>
  rows(api, { method: "GET", path: "/v2/email/templates" }, "TemplatesMetadata", 100, (one) => ({
    kind: "template",
    id: textOf(one["TemplateName"]) ?? "",
    facts: { createdAt: textOf(one["CreatedTimestamp"]) },
  }));

const contactLists: Part = (api) =>
  rows(api, { method: "GET", path: "/v2/email/contact-lists" }, "ContactLists", 100, (one) => ({
    kind: "setting",
    id: `contact list ${textOf(one["ContactListName"]) ?? ""}`,
    facts: {},
  }));

type List = Parameters<SesApi["list"]>[0];

async function rows(
  api: SesApi,
  call: List,
  member: string,
  pageSize: number,
  read: (one: JsonRecord) => PostureItem,
): Promise<Asked<PostureItem[]>> {
  const list = await whole(api, call, member, pageSize);
  return list.kind === "answer" ? { kind: "answer", value: list.value.map(read) } : list;
}

async function whole(api: SesApi, call: List, member: string, pageSize: number): Promise<Asked<JsonRecord[]>> {
  const list = await api.list(call, member, pageSize);
  if (list.kind === "unavailable") return list;
  if (list.value === null) return { kind: "unavailable", reason: `${call.path}: too long to compare` };
  return { kind: "answer", value: list.value.map(recordOf) };
}

export const sorted = (texts: unknown): string => textsOf(texts).toSorted().join(" ");
export const fingerprint = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);
