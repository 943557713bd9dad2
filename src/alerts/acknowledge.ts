import type { Database } from "../store/index.ts";
import { planFollowing } from "./rows/plan-following.ts";
import { takeOnAlert } from "./rows/take-on-alert.ts";

/** Somebody takes an alert on: it is told again no more, and the others hear who has it. @returns false: there is nothing to take on */
export const acknowledge = (database: Database, alertId: number, by: string, now: number): Promise<boolean> =>
  database.transaction(async (tx) => {
    if (!(await takeOnAlert(tx, alertId, by, now))) return false;
    await planFollowing(tx, alertId, "acknowledged", now);
    return true;
  });
