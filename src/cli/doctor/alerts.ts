import { othersThan } from "../../alerts/index.ts";
import type { Settings } from "../../config/index.ts";
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
