import type { ApiKind, ApiProviderSettings, Settings } from "../config/index.ts";
import type { Findings } from "./findings.ts";

/** The label that says whose a domain is: `mail.acme.example` is acme's. */
const tenantNameOf = (domain: string): string =>
  domain
    .split(".")
    .at(-2)
    ?.replace(/[^a-z0-9-]/g, "") || "acme";

const OWNERS: Readonly<Record<ApiKind, string>> = {
  mandrill: "intuit",
  sendgrid: "twilio",
  postmark: "activecampaign",
  mailgun: "sinch",
  resend: "resend",
  ses: "amazon",
};

/** What the webhook of each is proven with (docs/configuration.md, `providers[].webhook`). */
function proofOf(kind: ApiKind): string {
  if (kind === "postmark") return "{ basic: env:POSTMARK_WEBHOOK_LOGIN } # user:password";
  if (kind === "ses") return '{ topicArn: "arn:aws:sns:eu-central-1:123456789012:postern" } # yours';
  return `{ key: env:${kind.toUpperCase()}_WEBHOOK_KEY }`;
}

const READ_KEYS: Partial<Record<ApiKind, string>> = {
  postmark: " # the account's token: domains, senders",
  ses: " # id:secret of a key that may only read",
};

/** A configuration that works once the variables it names are set. No secret is in it. */
export function configurationText({
  provider,
  domains,
}: {
  provider: ApiProviderSettings;
  domains: readonly string[];
}): string {
  const { kind, name, region, domain, accessKeyId, readKey } = provider;
  const prefix = kind.toUpperCase();
  const first = domains[0] ?? "account.acme.example";
  const tenant = tenantNameOf(first);
  const upper = tenant.toUpperCase().replaceAll("-", "_");
  const aws =
    kind === "ses"
      ? `, aws: { accessKeyId: ${upper.replaceAll("_", "")}KEY, secretAccessKey: env:${upper}_AWS_SECRET }`
      : "";
  return [
    "tenants:",
    `  - name: ${tenant}`,
    `    domains: [${(domains.length === 0 ? [first] : domains).join(", ")}]`,
    `    credentials: [{ name: app, username: ${tenant}-app, password: env:${upper}_PASSWORD, apiKey: env:${upper}_KEY${aws} }]`,
    "    streams:",
    "      - { name: alerts, class: C2 }",
    "      - { name: security, class: C0 }",
    `    routes: { default: { prefer: [${name}] } }`,
    "providers:",
    `  - name: ${name}`,
    `    kind: ${kind}`,
    `    ownerGroup: ${OWNERS[kind]}`,
    `    apiKey: env:${prefix}_KEY`,
    ...(readKey !== null || kind === "postmark" ? [`    readKey: env:${prefix}_READ_KEY${READ_KEYS[kind] ?? ""}`] : []),
    ...(kind === "ses" ? [`    accessKeyId: ${accessKeyId}`, `    region: ${region}`] : []),
    ...(kind === "mailgun" ? [`    domain: ${domain}`, `    region: ${region ?? "us"}`] : []),
    `    webhook: ${proofOf(kind)}`,
  ].join("\n");
}

/** What a configuration that has the provider lacks, as lines to add. None: nothing. */
export function missingLines(
  { tenants }: Settings,
  { name, kind, webhook, readKey }: ApiProviderSettings,
  { domains }: Findings,
): string[] {
  const ours = tenants.flatMap((one) => one.domains);
  const isOurs = (domain: string) => ours.some((one) => domain === one || domain.endsWith(`.${one}`));
  const others = domains.filter(
    ({ domain, isVerified }) => isVerified !== false && /^[a-z0-9.-]+$/i.test(domain) && !isOurs(domain),
  );
  return [
    ...(others.length === 0
      ? []
      : [`tenants[].domains: add ${others.map(({ domain }) => domain).join(", ")}, if yours`]),
    ...(webhook === null ? [`providers[${name}].webhook: ${proofOf(kind)}`] : []),
    ...(kind === "postmark" && readKey === null
      ? [`providers[${name}].readKey: env:POSTMARK_READ_KEY${READ_KEYS[kind]}`]
      : []),
  ];
}
