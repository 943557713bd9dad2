import { z } from "zod";
import type { Secret } from "../kernel/index.ts";
import { duplicates } from "./check-tenants.ts";
import { type SecretSource, secret } from "./secrets.ts";
import { name, oneOf } from "./values.ts";

export const ALERT_TARGET_KINDS = ["webhook", "slack", "pagerduty", "opsgenie"] as const;
export type AlertTargetKind = (typeof ALERT_TARGET_KINDS)[number];
export const ALERT_SEVERITIES = ["page", "notice"] as const;
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number];

/** Who is told when mail takes another way, or a verdict needs a person. */
export type AlertSettings = { targets: AlertTargetSettings[] };
export type AlertTargetSettings = {
  name: string;
  kind: AlertTargetKind;
  /** webhook and slack: where to. A secret, since whoever knows it may write there. */
  url: Secret | null;
  /** webhook: what it is signed with; pagerduty: the routing key; opsgenie: the API key. */
  key: Secret | null;
  /** opsgenie only. */
  region: "us" | "eu";
  severities: readonly AlertSeverity[];
};

export const alertsShape = (source: SecretSource) =>
  z.strictObject({
    targets: z
      .array(
        z.strictObject({
          name,
          kind: oneOf(ALERT_TARGET_KINDS),
          url: secret(source).optional(),
          key: secret(source).optional(),
          region: oneOf(["us", "eu"]).optional(),
          severities: z.array(oneOf(ALERT_SEVERITIES)).min(1).optional(),
        }),
      )
      .min(1),
  });
export type FileAlerts = z.infer<ReturnType<typeof alertsShape>>;

export const buildAlerts = (from: FileAlerts | undefined): AlertSettings => ({
  targets: (from?.targets ?? []).map(({ url, key, region, severities, ...one }) => ({
    ...one,
    url: url ?? null,
    key: key ?? null,
    region: region ?? "us",
    severities: severities ?? ALERT_SEVERITIES,
  })),
});

const NEEDS: Readonly<Record<AlertTargetKind, readonly ("url" | "key")[]>> = {
  webhook: ["url", "key"],
  slack: ["url"],
  pagerduty: ["key"],
  opsgenie: ["key"],
};
const WHAT = { url: "its address", key: "its key" } as const;

/** What involves more than one value. */
export function checkAlerts({ targets }: AlertSettings, say: (path: PropertyKey[], sentence: string) => void): void {
  duplicates(
    targets.map((one) => one.name),
    (n, one) => say(["alerts", "targets", n, "name"], `the target ${one} is there twice.`),
  );
  targets.forEach((one, n) => {
    const at = ["alerts", "targets", n];
    for (const part of NEEDS[one.kind])
      if (one[part] === null) say([...at, part], `is missing: a target of the kind ${one.kind} needs ${WHAT[part]}.`);
    if (one.url && !isHttps(one.url.reveal())) say([...at, "url"], "must be an https address.");
    const isSigned = one.kind === "webhook" && one.key !== null;
    if (isSigned && !/^whsec_[A-Za-z0-9+/=]{32,}$/.test(one.key!.reveal()))
      say([...at, "key"], 'must be "whsec_" and base64 of at least 24 octets, as webhooks of tenants have it.');
  });
}

const isHttps = (text: string): boolean => URL.canParse(text) && new URL(text).protocol === "https:";
