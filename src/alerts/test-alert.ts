import type { AlertTargetSettings } from "../config/index.ts";
import type { Database } from "../store/index.ts";
import { endAlert } from "./rows/end-alert.ts";
import { openAlert } from "./rows/open-alert.ts";
import { planFollowing } from "./rows/plan-following.ts";
import { planRaised } from "./rows/plan-raised.ts";

/** One alert for one target, over as soon as it is told. @returns its id; null: too many are open */
export const placeTest = (
  database: Database,
  { name, severities }: Pick<AlertTargetSettings, "name" | "severities">,
  by: string,
  now: number,
): Promise<number | null> =>
  database.transaction(async (tx) => {
    const key = `test ${name} ${now}`;
    const alert = {
      key,
      kind: "test",
      severity: severities.includes("page") ? ("page" as const) : ("notice" as const),
      provider: null,
      scope: "",
      sentence: `${by} tests whether ${name} can be told.`,
      numbers: {},
      at: now,
    };
    const id = await openAlert(tx, alert, now);
    if (typeof id !== "number") return null;
    await planRaised(tx, id, [name], now);
    await endAlert(tx, key, now);
    await planFollowing(tx, id, "resolved", now);
    return id;
  });
