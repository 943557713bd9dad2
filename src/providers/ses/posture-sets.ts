import type { Asked, PostureItem } from "../account.ts";
import { booleanOf, type JsonRecord, listOf, recordOf, textOf, textsOf } from "../json-reading.ts";
import type { SesApi } from "./api.ts";
import { encoded } from "./sigv4.ts";

/**
 * Configuration sets: how their mail is treated, and where they tell of it. An archive is a copy of every message, so it
 * counts as forwarding; opens and clicks are tracked where a destination asks for them, for all mail of the set.
 */
export async function configurationSets(api: SesApi): Promise<Asked<PostureItem[]>> {
  const list = await api.list(
    { method: "POST", path: "/v2/email/list-configuration-sets" },
    "ConfigurationSets",
    1_000,
  );
  if (list.kind === "unavailable") return list;
  if (list.value === null) return { kind: "unavailable", reason: "configuration sets: too many to compare" };
  const found: PostureItem[] = [];
  for (const name of textsOf(list.value)) {
    const path = `/v2/email/configuration-sets/${encoded(name)}`;
    const set = await api.ask({ method: "GET", path });
    if (set.kind === "unavailable") return { kind: "unavailable", reason: `a configuration set: ${set.reason}` };
    const destinations = await api.ask({ method: "GET", path: `${path}/event-destinations` });
    if (destinations.kind === "unavailable") {
      return { kind: "unavailable", reason: `event destinations: ${destinations.reason}` };
    }
    const each = listOf(destinations.value["EventDestinations"]).map(recordOf);
    found.push(...settings(name, set.value), ...each.map((one) => destination(name, one)), ...tracking(name, each));
  }
  return { kind: "answer", value: found };
}

function settings(name: string, set: JsonRecord): PostureItem[] {
  const archive = textOf(recordOf(set["ArchivingOptions"])["ArchiveArn"]);
  return [
    {
      kind: "setting",
      id: `configuration set ${name}`,
      facts: {
        sendingEnabled: booleanOf(recordOf(set["SendingOptions"])["SendingEnabled"]),
        tlsPolicy: textOf(recordOf(set["DeliveryOptions"])["TlsPolicy"]),
        sendingPool: textOf(recordOf(set["DeliveryOptions"])["SendingPoolName"]),
        redirectDomain: textOf(recordOf(set["TrackingOptions"])["CustomRedirectDomain"]),
        suppressedReasons: textsOf(recordOf(set["SuppressionOptions"])["SuppressedReasons"]).toSorted().join(" "),
        engagementMetrics: textOf(recordOf(recordOf(set["VdmOptions"])["DashboardOptions"])["EngagementMetrics"]),
      },
    },
    ...(archive === null ? [] : [{ kind: "forwarding" as const, id: `archive of ${name}`, facts: { archive } }]),
  ];
}

/** Where events go; each kind of destination names its end in another field. */
const ENDS: readonly [destination: string, field: string][] = [
  ["SnsDestination", "TopicArn"],
  ["EventBridgeDestination", "EventBusArn"],
  ["KinesisFirehoseDestination", "DeliveryStreamArn"],
  ["PinpointDestination", "ApplicationArn"],
];

const destination = (set: string, one: JsonRecord): PostureItem => ({
  kind: "webhook",
  id: `${set} ${textOf(one["Name"]) ?? ""}`,
  facts: {
    enabled: booleanOf(one["Enabled"]),
    events: textsOf(one["MatchingEventTypes"]).toSorted().join(" "),
    end:
      ENDS.map(([kind, field]) => textOf(recordOf(one[kind])[field])).find((end) => end !== null) ??
      (one["CloudWatchDestination"] === undefined ? null : "CloudWatch"),
  },
});

const tracking = (set: string, each: readonly JsonRecord[]): PostureItem[] => {
  const asked = each.filter((one) => one["Enabled"] === true).flatMap((one) => textsOf(one["MatchingEventTypes"]));
  const facts = { opens: asked.includes("OPEN"), clicks: asked.includes("CLICK") };
  return [{ kind: "tracking", id: `configuration set ${set}`, facts }];
};
