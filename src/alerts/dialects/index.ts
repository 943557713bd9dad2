import type { AlertTargetKind, AlertTargetSettings } from "../../config/index.ts";
import type { Call, Dialect, Facts } from "./dialect.ts";
import { opsgenie } from "./opsgenie.ts";
import { pagerduty } from "./pagerduty.ts";
import { slack } from "./slack.ts";
import { webhook } from "./webhook.ts";

export type { Call, Facts } from "./dialect.ts";

const DIALECTS: Readonly<Record<Exclude<AlertTargetKind, "mail">, Dialect>> = { webhook, slack, pagerduty, opsgenie };

/** How a target is told over HTTP, in its own words; null: it is told by mail. */
export const callFor = (facts: Facts, target: AlertTargetSettings): Call | null =>
  target.kind === "mail" ? null : DIALECTS[target.kind](facts, target);
