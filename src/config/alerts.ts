import { z } from "zod";
import { HOUR_MS, MINUTE_MS, type Secret } from "../kernel/index.ts";
import { parseMailbox } from "../mail/index.ts";
import { duplicates, unknownName } from "./check-tenants.ts";
import { type SecretSource, secret } from "./secrets.ts";
import type { Settings } from "./settings.ts";
import { cidr, duration, field, name, oneOf, said } from "./values.ts";
import { whyUnfit } from "./webhook-secrets.ts";

export const ALERT_TARGET_KINDS = ["webhook", "slack", "pagerduty", "opsgenie", "mail"] as const;
export type AlertTargetKind = (typeof ALERT_TARGET_KINDS)[number];
export const ALERT_SEVERITIES = ["page", "notice"] as const;
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number];
export const ALERT_REGIONS = ["us", "eu", "atlassian"] as const;
export type AlertRegion = (typeof ALERT_REGIONS)[number];

/** Who is told when mail takes another way, or a verdict needs a person. */
export type AlertSettings = {
  targets: AlertTargetSettings[];
  /** An alert that nobody acknowledged is told again after this long. */
  repeatEveryMs: number;
  /** Which alerts are told again. */
  repeat: readonly AlertSeverity[];
  /** How long it must have been over before anybody is told so: what comes back within it is the same trouble. */
  quietMs: number;
  /** Networks (CIDR) that are not public, where targets may be all the same, at any port. */
  privateNetworks: string[];
};
export type AlertTargetSettings = {
  name: string;
  kind: AlertTargetKind;
  /** webhook and slack: where to; pagerduty and opsgenie: instead of their own. A secret, since whoever knows it may write there. */
  url: Secret | null;
  /** webhook: what it is signed with; pagerduty: the routing key; opsgenie: the API key. */
  key: Secret | null;
  /** pagerduty and opsgenie. atlassian: an Opsgenie account that moved to Jira Service Management. */
  region: AlertRegion;
  /** mail: the author, in a domain that the providers may write from. */
  from: string | null;
  /** mail: who is written to. */
  to: string[];
  /** mail: the provider that carries it; null: those of whom it does not tell. */
  via: string | null;
  severities: readonly AlertSeverity[];
};

export const ALERT_DEFAULTS = {
  /** Often enough that a night is not lost, seldom enough that nobody turns it off. */
  repeatEveryMs: 30 * MINUTE_MS,
  /** A notice says that Postern has acted: there is nothing to do, so once is enough. */
  repeat: ["page"],
  /** A provider that swings between two verdicts does so within a minute (docs/verdicts.md: waits of PROBING). */
  quietMs: MINUTE_MS,
} as const;
const REPEAT_BOUNDS = [MINUTE_MS, 24 * HOUR_MS] as const;
const QUIET_BOUNDS = [0, HOUR_MS] as const;
/** Of one target of mail: one message goes to all of them. */
const MOST_ADDRESSES = 20;

export const NO_ALERTS: AlertSettings = { targets: [], ...ALERT_DEFAULTS, privateNetworks: [] };

const mailAddress = field((input) =>
  typeof input === "string" && parseMailbox(input) !== null
    ? { value: input }
    : { sentence: `must be one address, such as duty@example.com; it says ${said(input)}.` },
);

export const alertsShape = (source: SecretSource) =>
  z.strictObject({
    targets: z
      .array(
        z.strictObject({
          name,
          kind: oneOf(ALERT_TARGET_KINDS),
          url: secret(source).optional(),
          key: secret(source).optional(),
          region: oneOf(ALERT_REGIONS).optional(),
          from: mailAddress.optional(),
          to: z.array(mailAddress).min(1).max(MOST_ADDRESSES).optional(),
          via: name.optional(),
          severities: z.array(oneOf(ALERT_SEVERITIES)).min(1).optional(),
        }),
      )
      .min(1),
    repeatEvery: duration(REPEAT_BOUNDS).optional(),
    repeat: z.array(oneOf(ALERT_SEVERITIES)).optional(),
    quiet: duration(QUIET_BOUNDS).optional(),
    privateNetworks: z.array(cidr).optional(),
  });
export type FileAlerts = z.infer<ReturnType<typeof alertsShape>>;

export const buildAlerts = (from: FileAlerts | undefined): AlertSettings => ({
  targets: (from?.targets ?? []).map((one) => ({
    name: one.name,
    kind: one.kind,
    url: one.url ?? null,
    key: one.key ?? null,
    region: one.region ?? "us",
    from: one.from ?? null,
    to: one.to ?? [],
    via: one.via ?? null,
    severities: one.severities ?? ALERT_SEVERITIES,
  })),
  repeatEveryMs: from?.repeatEvery ?? ALERT_DEFAULTS.repeatEveryMs,
  repeat: from?.repeat ?? ALERT_DEFAULTS.repeat,
  quietMs: from?.quiet ?? ALERT_DEFAULTS.quietMs,
  privateNetworks: from?.privateNetworks ?? [],
});

type Part = "url" | "key" | "from" | "to";
const NEEDS: Readonly<Record<AlertTargetKind, readonly Part[]>> = {
  webhook: ["url", "key"],
  slack: ["url"],
  pagerduty: ["key"],
  opsgenie: ["key"],
  mail: ["from", "to"],
};
const WHAT: Readonly<Record<Part, string>> = {
  url: "its address",
  key: "its key",
  from: "an author",
  to: "addresses",
};

/** What involves more than one value. */
export function checkAlerts(
  { alerts: { targets }, providers }: Pick<Settings, "alerts" | "providers">,
  say: (path: PropertyKey[], sentence: string) => void,
): void {
  duplicates(
    targets.map((one) => one.name),
    (n, one) => say(["alerts", "targets", n, "name"], `the target ${one} is there twice.`),
  );
  const known = providers.map((one) => one.name);
  targets.forEach((one, n) => {
    const at = ["alerts", "targets", n];
    for (const part of NEEDS[one.kind])
      if (one[part] === null || (part === "to" && one.to.length === 0))
        say([...at, part], `is missing: a target of the kind ${one.kind} needs ${WHAT[part]}.`);
    if (one.url && !isHttps(one.url.reveal())) say([...at, "url"], "must be an https address.");
    const unfit = one.kind === "webhook" && one.key !== null ? whyUnfit("postern", one.key.reveal()) : null;
    if (unfit !== null) say([...at, "key"], unfit);
    if (one.region === "atlassian" && one.kind !== "opsgenie")
      say([...at, "region"], "atlassian is where accounts of Opsgenie moved to: its kind must be opsgenie.");
    if (one.via !== null && !known.includes(one.via)) say([...at, "via"], unknownName(one.via, known, "provider"));
  });
}

const isHttps = (text: string): boolean => URL.canParse(text) && new URL(text).protocol === "https:";
