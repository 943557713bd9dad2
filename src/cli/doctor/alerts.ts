import { type ShownAlert, listAlerts, othersThan, titleOf } from "../../alerts/index.ts";
import type { Settings } from "../../config/index.ts";
import type { Queryable } from "../../store/index.ts";
import { plural } from "../when.ts";
import { type Check, ok, warning } from "./check.ts";

const NAME = "alerts";

/** Whether somebody is told at night. The lab shows alerts on its pages. */
export function checkAlertTargets({
  lab,
  providers,
  alerts: { targets },
}: Pick<Settings, "lab" | "providers" | "alerts">): Check[] {
  if (lab) return [];
  if (targets.length === 0)
    return [
      warning(
        NAME,
        "Nobody is told when a provider fails or a verdict needs a person.",
        "Name a target below alerts.targets (docs/alerts.md), and try it: postern alerts test NAME --operator YOU.",
      ),
    ];
  const paged = targets.filter(({ severities }) => severities.includes("page"));
  if (paged.length === 0)
    return [
      warning(
        NAME,
        "No target hears of what a person has to get up for.",
        "Add page to the severities of one of them.",
      ),
    ];
  // Where there is one provider only, an alert of it has no other way to go by mail.
  const alone = providers.filter(({ name }) => othersThan(name, providers).length === 0);
  if (alone.length > 0 && paged.every(({ kind }) => kind === "mail"))
    return [
      warning(
        NAME,
        `Pages are told by mail alone, and ${alone[0]!.name} is the only provider: of its own failure nobody would hear.`,
        "Name a target of another kind, or a second provider.",
      ),
    ];
  return [ok(NAME, `${plural(targets.length, "target")}: ${targets.map(({ name }) => name).join(", ")}.`)];
}

/** What somebody has to take on, as it stands in the database. */
export async function checkOpenAlerts(database: Queryable): Promise<Check[]> {
  const [there] = await database.query<{ there: boolean }>(
    `SELECT EXISTS (SELECT FROM information_schema.columns WHERE table_schema = current_schema()
       AND table_name = 'alerts' AND column_name = 'acknowledged_at') AS there`,
  );
  return there?.there ? openAlertsCheck(await listAlerts(database, "open")) : [];
}

export function openAlertsCheck(open: readonly ShownAlert[]): Check[] {
  const pages = open.filter(({ severity, acknowledgedAt }) => severity === "page" && acknowledgedAt === null);
  const [first] = pages;
  if (!first) return [];
  const more = pages.length === 1 ? "" : ` and ${plural(pages.length - 1, "more alert")}`;
  return [
    warning(
      "open alerts",
      `Nobody has taken on: ${titleOf(first)}${more}.`,
      `postern alerts show ${first.id} says what to do; postern alerts ack ${first.id} --operator YOU takes it on.`,
    ),
  ];
}
