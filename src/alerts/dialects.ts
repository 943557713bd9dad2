import type { AlertTargetKind, AlertTargetSettings } from "../config/index.ts";
import { type Alert, nextOf, type Telling, titleOf } from "./alert.ts";
import { signedHeaders } from "../notify/index.ts";

/** One call that tells one target. */
export type Call = { url: string; headers: Record<string, string>; body: Buffer };
export type Told = {
  alert: Alert;
  telling: Telling;
  /** The same for both tellings and every try: what receivers know it again by. */
  id: string;
  /** Who tells: this installation's name. */
  source: string;
  now: number;
};

type Dialect = (told: Told, target: AlertTargetSettings) => Call;

const json = (url: string, value: unknown, headers: Record<string, string> = {}): Call => ({
  url,
  headers: { "content-type": "application/json", ...headers },
  body: Buffer.from(JSON.stringify(value)),
});
const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);
const textOf = ({ alert, telling }: Told): string =>
  telling === "resolved" ? "It is over." : [alert.sentence, nextOf(alert)].filter(Boolean).join("\n");

/** Our own: signed as webhooks of tenants are (Standard Webhooks 1.0.0). */
const webhook: Dialect = (told, target) => {
  const { alert, telling, id, source, now } = told;
  const { key, at, ...about } = alert;
  const call = json(target.url!.reveal(), {
    type: `alert.${telling}`,
    id,
    key,
    ...about,
    title: titleOf(alert),
    next: nextOf(alert),
    source,
    at: new Date(at).toISOString(),
  });
  return {
    ...call,
    headers: { ...call.headers, ...signedHeaders(`${id}_${telling}`, call.body, target.key!, now) },
  };
};

/** Slack treats these as its markup: `<!channel>` in a text would call everybody. */
const plain = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Incoming webhooks: `text` is what a notification shows, `blocks` what the channel shows; a section holds 3,000 characters. */
const slack: Dialect = (told, target) => {
  const { alert, telling } = told;
  const mark = telling === "resolved" ? "Over" : alert.severity === "page" ? "PAGE" : "Notice";
  const title = `${mark}: ${titleOf(alert)}`;
  return json(target.url!.reveal(), {
    text: plain(title),
    blocks: [
      {
        type: "section",
        text: { type: "mrkdwn", text: `*${plain(cut(title, 300))}*\n${plain(cut(textOf(told), 2_500))}` },
      },
    ],
  });
};

/** Events API v2: POST https://events.pagerduty.com/v2/enqueue; dedup_key at most 255 characters, summary at most 1,024. */
const pagerduty: Dialect = ({ alert, telling, id, source }, target) => {
  const common = { routing_key: target.key!.reveal(), dedup_key: id };
  if (telling === "resolved")
    return json("https://events.pagerduty.com/v2/enqueue", { ...common, event_action: "resolve" });
  return json("https://events.pagerduty.com/v2/enqueue", {
    ...common,
    event_action: "trigger",
    payload: {
      summary: cut(`${titleOf(alert)}. ${alert.sentence}`, 1_024),
      source,
      severity: alert.severity === "page" ? "critical" : "warning",
      timestamp: new Date(alert.at).toISOString(),
      component: alert.provider ?? "postern",
      class: alert.kind,
      custom_details: { ...alert.numbers, next: nextOf(alert) },
    },
  });
};

const OPSGENIE = { us: "https://api.opsgenie.com", eu: "https://api.eu.opsgenie.com" } as const;
/** Alert API v2: message at most 130 characters, description 15,000, alias 512; closed by its alias. */
const opsgenie: Dialect = (told, target) => {
  const { alert, telling, id, source } = told;
  const authorization = `GenieKey ${target.key!.reveal()}`;
  const alerts = `${OPSGENIE[target.region]}/v2/alerts`;
  if (telling === "resolved")
    return json(`${alerts}/${encodeURIComponent(id)}/close?identifierType=alias`, { source }, { authorization });
  return json(
    alerts,
    {
      message: cut(titleOf(alert), 130),
      alias: id,
      description: cut(textOf(told), 15_000),
      priority: alert.severity === "page" ? "P1" : "P3",
      source,
      entity: alert.provider ?? "postern",
      tags: [alert.kind],
      details: Object.fromEntries(Object.entries(alert.numbers).map(([name, value]) => [name, String(value)])),
    },
    { authorization },
  );
};

const DIALECTS: Readonly<Record<AlertTargetKind, Dialect>> = { webhook, slack, pagerduty, opsgenie };

/** How `target` is told, in its own words. */
export const callFor = (told: Told, target: AlertTargetSettings): Call => DIALECTS[target.kind](told, target);
