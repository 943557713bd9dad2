import { existsSync } from "node:fs";
import path from "node:path";
import type { Settings } from "../../config/index.ts";
import { type Database, clusterOf, holderOf } from "../../store/index.ts";
import { commandLog } from "../command-log.ts";
import { withStore } from "../open-store.ts";
import type { World } from "../world.ts";
import { checkOpenAlerts } from "./alerts.ts";
import { checkAnswers } from "./answers.ts";
import { checkBodyKey } from "./body-key.ts";
import { type Check, notChecked } from "./check.ts";
import { checkDatabaseClock } from "./clock.ts";
import { checkDatabase, unreachable } from "./database.ts";
import { checkQueue } from "./queue.ts";

export type Stored = { database: Check[]; clock: Check[]; rest: Check[] };

/** What only the database can tell. An embedded one that does not exist yet is not made for this. */
export async function examineStore(settings: Settings, world: World): Promise<Stored> {
  const { clock, random } = world;
  const { bodyKey, dataFolder, limits } = settings;
  const names = settings.providers.map(({ name }) => name);
  const embedded = settings.database.kind === "embedded";
  const where = embedded ? "The embedded PostgreSQL" : "The PostgreSQL of database.url";

  const without = async (checks: Check[], why: string): Promise<Stored> => ({
    database: checks,
    clock: [],
    rest: [await checkBodyKey(bodyKey, null, random), notChecked("queue", why)],
  });
  const ask = async (database: Database): Promise<Stored> => {
    const checks = await checkDatabase(database, where);
    if (checks.some((check) => check.name === "database" && check.state === "wrong"))
      return without(checks, "The database must answer first.");
    return {
      database: checks,
      clock: [await checkDatabaseClock(database, clock)],
      rest: [
        await checkBodyKey(bodyKey, database, random),
        ...(await checkAnswers(database, names, clock.now())),
        ...(await checkOpenAlerts(database)),
        ...(await checkQueue(database, limits, clock.now())),
      ],
    };
  };

  if (embedded && holderOf(dataFolder) === null && !existsSync(path.join(clusterOf(dataFolder), "PG_VERSION"))) {
    const why = "There is no database yet; the first start makes it.";
    return without([notChecked("database", why)], why);
  }
  try {
    return await withStore({ settings, clock, random, log: commandLog(world) }, ask);
  } catch (error) {
    return without([unreachable(error, where)], "The database must answer first.");
  }
}
