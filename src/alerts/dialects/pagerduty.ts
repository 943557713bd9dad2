import { cut, type Dialect, json } from "./dialect.ts";

/**
 * "PagerDuty V2 Events API", the OpenAPI description in github.com/PagerDuty/api-schema (reference/events-v2), read
 * 2026-11-25; accounts in the EU have an address of their own ("Service Regions", support.pagerduty.com).
 */
const ENQUEUE = {
  us: "https://events.pagerduty.com/v2/enqueue",
  eu: "https://events.eu.pagerduty.com/v2/enqueue",
} as const;
const ACTIONS = { raised: "trigger", repeated: "trigger", acknowledged: "acknowledge", resolved: "resolve" } as const;

/**
 * Events API v2, answered by 202. dedup_key: at most 255 characters, and one that is open is added to and not made twice;
 * summary: at most 1,024; severity: critical, error, warning, info. `payload` is of a trigger only. A trigger again opens
 * what somebody closed by hand while it lasts.
 */
export const pagerduty: Dialect = ({ alert, telling, id, source, wording }, target) => {
  const url = target.url?.reveal() ?? ENQUEUE[target.region === "eu" ? "eu" : "us"];
  const event_action = ACTIONS[telling];
  const event = { routing_key: target.key!.reveal(), event_action, dedup_key: id };
  if (event_action !== "trigger") return json(url, event);
  const { did, affected, next, takeOn, more } = wording;
  return json(url, {
    ...event,
    client: "Postern",
    payload: {
      summary: cut(`${wording.title}. ${wording.happened}`, 1_024),
      source,
      severity: alert.severity === "page" ? "critical" : "warning",
      timestamp: new Date(alert.at).toISOString(),
      component: alert.provider ?? "postern",
      ...(alert.scope === "" ? {} : { group: alert.scope }),
      class: alert.kind,
      custom_details: { ...alert.numbers, did, affected, next, takeOn, more },
    },
  });
};
