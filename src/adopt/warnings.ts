import type { ApiKind } from "../config/index.ts";
import { DAY_MS } from "../kernel/index.ts";
import type { Findings } from "./findings.ts";

/** `id` is stable, for scripts; docs/adopt.md lists them. */
export type Warning = { id: WarningId; about: string; text: string; /** To be pasted. */ command?: string };
export type WarningId =
  | "webhook-elsewhere"
  | "domain-unverified"
  | "sender-unverified"
  | "domain-foreign"
  | "subaccount"
  | "key-old"
  | "key-unused"
  | "metadata-not-indexed"
  | "account-state"
  | "suppressions-full"
  | "suppressions-unusable";

/** What is known on our side. Null: there is no configuration to compare with. */
export type OurSide = {
  kind: ApiKind;
  now: number;
  /** Domains of all tenants. */
  domains: readonly string[] | null;
  /** Host names at which Postern is called, and topics it hears. */
  hosts: readonly string[];
};

const OLD_MS = 365 * DAY_MS;
const UNUSED_MS = 90 * DAY_MS;

/** What a person should know of the account before mail goes by it, and what stays as it is when it is adopted. */
export function warningsIn(found: Findings, ours: OurSide): Warning[] {
  return [
    ...found.states.map((text) => warning("account-state", "account", text)),
    ...webhooks(found, ours),
    ...found.domains
      .filter(({ isVerified }) => isVerified === false)
      .map(({ domain }) =>
        warning(
          "domain-unverified",
          domain,
          "The provider does not hold it for verified: mail of it is refused or fails DMARC. Publish the records.",
        ),
      ),
    ...found.senders
      .filter(({ isVerified }) => isVerified === false)
      .map(({ address }) => warning("sender-unverified", address, "The provider does not let it send.")),
    ...foreign(found, ours),
    ...found.subaccounts.map(({ name, state }) =>
      warning(
        "subaccount",
        name,
        `A subaccount${state === null ? "" : ` (${state})`}: its mail, templates and suppressions may be its own, and were not read apart.`,
      ),
    ),
    ...keys(found, ours),
    ...metadata(found, ours),
    ...suppressions(found),
  ];
}

const warning = (id: WarningId, about: string, text: string): Warning => ({ id, about, text });

function webhooks({ webhooks: all }: Findings, { hosts }: OurSide): Warning[] {
  return all
    .filter(({ url }) => !hosts.some((host) => url === host || (URL.canParse(url) && new URL(url).host === host)))
    .map(({ id, url, events }) =>
      warning(
        "webhook-elsewhere",
        url,
        `Webhook ${id} will go on calling it (${events.length === 0 ? "events unknown" : events.join(" ")}), now also of mail that Postern handed over. Let Postern tell your application (webhooks.format) and remove it, or keep it knowingly.`,
      ),
    );
}

/** Somebody's name, in an account of ours, that no tenant of ours owns: forgotten, or a stranger's. */
function foreign({ domains, senders }: Findings, { domains: ours }: OurSide): Warning[] {
  if (ours === null) return [];
  const isOurs = (domain: string) => ours.some((one) => domain === one || domain.endsWith(`.${one}`));
  const named = [...domains.map(({ domain }) => domain), ...senders.map(({ address }) => domainOf(address))];
  return [...new Set(named.map((one) => one.toLowerCase()).filter((one) => one !== "" && !isOurs(one)))].map((domain) =>
    warning(
      "domain-foreign",
      domain,
      "No tenant of this configuration owns it. If it is yours, add it to tenants[].domains; if not, ask who uses the account.",
    ),
  );
}

function keys({ keys: all }: Findings, { now }: OurSide): Warning[] {
  return all.flatMap(({ name, createdAt, lastUsedAt }) => {
    if (lastUsedAt !== null && now - lastUsedAt > UNUSED_MS) {
      return [warning("key-unused", name, `Last used ${days(now - lastUsedAt)} ago. Delete keys nobody needs.`)];
    }
    return createdAt !== null && now - createdAt > OLD_MS
      ? [
          warning(
            "key-old",
            name,
            `Made ${days(now - createdAt)} ago. Make a new one for Postern, and delete it once nothing uses it.`,
          ),
        ]
      : [];
  });
}

function metadata({ metadata: indexed, whole }: Findings, { kind }: OurSide): Warning[] {
  if (kind !== "mandrill" || !whole.includes("account") || indexed.includes("postern_attempt")) return [];
  const text =
    "Mandrill searches metadata only in fields that are indexed, so mail whose end is unknown cannot be asked for. Add the field once: Settings › Custom Metadata, or";
  const body = `'{"key":"'$MANDRILL_KEY'","name":"postern_attempt"}'`;
  const command = `curl https://mandrillapp.com/api/1.3/metadata/add.json -d ${body}`;
  return [{ ...warning("metadata-not-indexed", "postern_attempt", text), command }];
}

function suppressions({ suppressions: { full, unusable } }: Findings): Warning[] {
  return [
    ...(full === 0
      ? []
      : [
          warning(
            "suppressions-full",
            String(full),
            "So many addresses had no place (limits.suppressionsPerTenant). Raise it and run this again.",
          ),
        ]),
    ...(unusable === 0
      ? []
      : [
          warning(
            "suppressions-unusable",
            String(unusable),
            "So many entries are no addresses that Postern could send to, and were left.",
          ),
        ]),
  ];
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf("@") + 1);
const days = (ms: number): string => `${Math.floor(ms / DAY_MS)} days`;
