import { existsSync } from "node:fs";
import path from "node:path";
import { type Settings, configFile } from "../../config/index.ts";
import { Problem } from "../../kernel/index.ts";
import { type Database, clusterOf, holderOf } from "../../store/index.ts";
import { commandLog } from "../command-log.ts";
import { withStore } from "../open-store.ts";
import type { Run } from "../run.ts";

/**
 * The database of a queue that exists. Asking about a queue never makes one: in a wrong folder that would answer
 * "nothing is queued", which is the worst thing to be told wrongly.
 * @throws Problem `nothing-here`, `database-not-made`, `database-not-migrated`.
 */
export async function withQueue<Result>(
  run: Run,
  work: (database: Database, settings: Settings) => Promise<Result>,
): Promise<Result> {
  const { world } = run;
  refuseNowhere(run);
  const settings = run.settings();
  const { dataFolder } = settings;
  if (settings.database.kind === "embedded" && holderOf(dataFolder) === null && !hasCluster(dataFolder)) {
    throw new Problem(
      "database-not-made",
      `There is no database in ${dataFolder} yet: the first start makes it (postern serve, or postern migrate).`,
    );
  }
  const log = commandLog(world);
  return withStore({ ...world, settings, log }, async (database) => {
    try {
      return await work(database, settings);
    } catch (error) {
      const missing = MISSING[(error as { code?: string } | null)?.code ?? ""];
      throw missing === undefined
        ? error
        : new Problem("database-not-migrated", `The database ${missing}. Run postern migrate.`, error);
    }
  });
}

const hasCluster = (dataFolder: string): boolean => existsSync(path.join(clusterOf(dataFolder), "PG_VERSION"));

function refuseNowhere({ world: { cwd, environment }, configFile: file }: Run): void {
  if (configFile({ file, environment, cwd }) !== null || environment["POSTERN_DATABASE_URL"]) return;
  const dataFolder = path.resolve(cwd, environment["POSTERN_DATA"] || "data");
  if (existsSync(dataFolder)) return;
  throw new Problem(
    "nothing-here",
    `There is neither a postern.yaml in ${cwd} nor the data of a lab (${dataFolder}). Change to the folder Postern runs in, or name its configuration with --config.`,
  );
}

/** undefined_table, invalid_catalog_name, undefined_column (PostgreSQL 18, appendix A). */
const MISSING: Readonly<Record<string, string>> = {
  "42P01": "has no tables of Postern yet",
  "3D000": "has no tables of Postern yet",
  "42703": "is of an older version of Postern than this command",
};
