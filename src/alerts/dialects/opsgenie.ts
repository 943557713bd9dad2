import { linesOf } from "../wording.ts";
import { cut, type Dialect, json } from "./dialect.ts";

/**
 * "Alert API", docs.opsgenie.com/docs/alert-api, read 2026-11-25; of the EU another host. Accounts that moved to Jira Service
 * Management have the same dialect and kind of key at Atlassian's address ("Integration Events API",
 * developer.atlassian.com/cloud/jira/service-desk-ops/rest/v1/api-group-integration-events, read the same day).
 */
const ALERTS = {
  us: "https://api.opsgenie.com/v2/alerts",
  eu: "https://api.eu.opsgenie.com/v2/alerts",
  atlassian: "https://api.atlassian.com/jsm/ops/integration/v2/alerts",
} as const;

/**
 * Answered by 202. message: at most 130 characters, description 15,000, alias 512, entity 512, note 25,000, source and user
 * 100. An alias that is open is counted and not made twice; acknowledged and closed by it.
 */
export const opsgenie: Dialect = ({ alert, telling, id, source, wording, acknowledgedBy }, target) => {
  const headers = { authorization: `GenieKey ${target.key!.reveal()}` };
  const alerts = target.url?.reveal() ?? ALERTS[target.region];
  const who = { source: cut(source, 100), note: cut(wording.happened, 25_000) };
  const acting = (act: string) => `${alerts}/${encodeURIComponent(id)}/${act}?identifierType=alias`;
  if (telling === "resolved") return json(acting("close"), who, headers);
  if (telling === "acknowledged")
    return json(acting("acknowledge"), { ...who, user: cut(acknowledgedBy ?? "Postern", 100) }, headers);
  return json(
    alerts,
    {
      message: cut(wording.title, 130),
      alias: id,
      description: cut(linesOf(wording).join("\n"), 15_000),
      priority: alert.severity === "page" ? "P1" : "P3",
      source: who.source,
      entity: cut(alert.provider ?? "postern", 512),
      tags: [alert.kind],
      details: Object.fromEntries(Object.entries(alert.numbers).map(([name, value]) => [name, String(value)])),
    },
    headers,
  );
};
