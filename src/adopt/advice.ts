import type { ApiKind } from "../config/index.ts";
import type { DnsRecord } from "../providers/index.ts";
import type { FoundDomain } from "./findings.ts";

export type AdvisedRecord = Omit<DnsRecord, "purpose"> & { purpose: DnsRecord["purpose"] | "DMARC"; note: string };

/**
 * The records of one domain: those the provider wants, and a policy. Of SPF (RFC 7208 §3.2) and DMARC (RFC 7489 §6.6.3) a
 * domain has one record each, so these are told as what must be in it.
 */
export const recordsFor = ({ domain, records }: FoundDomain): AdvisedRecord[] => [
  ...records.map((record) => ({ ...record, note: noteOf(record) })),
  {
    purpose: "DMARC",
    type: "TXT",
    name: `_dmarc.${domain}`,
    value: `v=DMARC1; p=none; rua=mailto:dmarc@${domain}`,
    isFound: null,
    note: "a beginning; keep the one you have, and go to p=reject once reports show that all of your mail passes",
  },
];

function noteOf({ purpose, value, isFound }: DnsRecord): string {
  if (purpose === "SPF" && value.startsWith("include:")) return "within the one SPF record of the name";
  return isFound === true ? "keep" : isFound === false ? "publish" : "";
}

/** What changes in the application: its client's base address and key. docs/compatibility.md has the same lines. */
export function applicationLine(kind: ApiKind, url: string): { client: string; line: string } {
  const { host, protocol } = new URL(url);
  switch (kind) {
    case "mandrill":
      return { client: "any client of Mandrill's API", line: `https://mandrillapp.com/api/1.0 → ${url}/api/1.0` };
    case "sendgrid":
      return { client: "@sendgrid/mail", line: `sendgrid.setDefaultRequest("baseUrl", "${url}"); // after setApiKey` };
    case "postmark": {
      const options = `{ useHttps: ${protocol === "https:"}, requestHost: "${host}" }`;
      return { client: "postmark", line: `new ServerClient(process.env.POSTERN_KEY, ${options});` };
    }
    case "mailgun":
      return {
        client: "mailgun.js",
        line: `new Mailgun(FormData).client({ username: "api", key: process.env.POSTERN_KEY, url: "${url}" });`,
      };
    case "resend":
      return { client: "resend", line: `RESEND_BASE_URL=${url} # in the environment, before it is loaded` };
    case "ses":
      return { client: "@aws-sdk/client-sesv2", line: `new SESv2Client({ endpoint: "${url}", region, credentials });` };
  }
}

/** The first part of a domain's name that says whose it is: `mail.acme.example` is acme's. */
const tenantNameOf = (domain: string): string =>
  domain
    .split(".")
    .at(-2)
    ?.replace(/[^a-z0-9-]/g, "") || "acme";

type Snippet = {
  kind: ApiKind;
  /** As the configuration calls it, or shall. */
  provider: string;
  domains: readonly string[];
  region: string | null;
  domain: string | null;
  accessKeyId: string | null;
  hasReadKey: boolean;
};

const OWNERS: Readonly<Record<ApiKind, string>> = {
  mandrill: "intuit",
  sendgrid: "twilio",
  postmark: "activecampaign",
  mailgun: "sinch",
  resend: "resend",
  ses: "amazon",
};
/** What the webhook of each is proven with (docs/configuration.md, `providers[].webhook`). */
const PROOFS: Readonly<Record<ApiKind, (prefix: string) => string>> = {
  mandrill: (prefix) => `{ key: env:${prefix}_WEBHOOK_KEY }`,
  sendgrid: (prefix) => `{ key: env:${prefix}_WEBHOOK_KEY }`,
  mailgun: (prefix) => `{ key: env:${prefix}_WEBHOOK_KEY }`,
  resend: (prefix) => `{ key: env:${prefix}_WEBHOOK_KEY }`,
  postmark: (prefix) => `{ basic: env:${prefix}_WEBHOOK_LOGIN } # user:password`,
  ses: () => `{ topicArn: "arn:aws:sns:REGION:ACCOUNT:TOPIC" }`,
};

/** A configuration that works once the variables it names are set. No secret is in it. */
export function configurationText({
  kind,
  provider,
  domains,
  region,
  domain,
  accessKeyId,
  hasReadKey,
}: Snippet): string {
  const prefix = kind.toUpperCase();
  const first = domains[0] ?? "account.acme.example";
  const tenant = tenantNameOf(first);
  const upper = tenant.toUpperCase().replaceAll("-", "_");
  const aws =
    kind === "ses"
      ? `, aws: { accessKeyId: ${upper.replaceAll("_", "")}POSTERN, secretAccessKey: env:${upper}_AWS_SECRET }`
      : "";
  const readKey =
    hasReadKey || kind === "postmark" ? [`    readKey: env:${prefix}_READ_KEY${READ_KEYS[kind] ?? ""}`] : [];
  return [
    "tenants:",
    `  - name: ${tenant}`,
    `    domains: [${(domains.length === 0 ? [first] : domains).join(", ")}]`,
    `    credentials: [{ name: app, username: ${tenant}-app, password: env:${upper}_PASSWORD, apiKey: env:${upper}_KEY${aws} }]`,
    "    streams:",
    "      - { name: alerts, class: C2 }",
    "      - { name: security, class: C0 }",
    `    routes: { default: { prefer: [${provider}] } }`,
    "providers:",
    `  - name: ${provider}`,
    `    kind: ${kind}`,
    `    ownerGroup: ${OWNERS[kind]}`,
    `    apiKey: env:${prefix}_KEY`,
    ...readKey,
    ...(kind === "ses" ? [`    accessKeyId: ${accessKeyId ?? "AKIA"}`, `    region: ${region ?? "eu-central-1"}`] : []),
    ...(kind === "mailgun" ? [`    domain: ${domain ?? first}`, `    region: ${region ?? "us"}`] : []),
    `    webhook: ${PROOFS[kind](prefix)}`,
  ].join("\n");
}

const READ_KEYS: Partial<Record<ApiKind, string>> = {
  postmark: " # the account's token: domains, senders",
  ses: " # id:secret",
};
