import type { Settings } from "../../config/index.ts";
import { holderOf } from "../../store/index.ts";
import type { Run } from "../run.ts";
import { checkAlertTargets } from "./alerts.ts";
import { type Check, notChecked, ok } from "./check.ts";
import { checkNtp } from "./clock.ts";
import { checkConfiguration } from "./configuration.ts";
import { checkDataFolder } from "./data-folder.ts";
import { examineStore } from "./examine-store.ts";
import { checkNotices } from "./notices.ts";
import { checkPorts } from "./ports.ts";
import { checkProviders } from "./providers.ts";

/** All checks, in the order in which a person would look. */
export async function examine(run: Run): Promise<Check[]> {
  const node = ok("node", `${process.version}, ${process.platform} ${process.arch}.`);
  const { settings, checks } = checkConfiguration(run);
  if (settings === null) {
    const rest = ["data folder", "database", "ports", "providers", "body key", "queue"];
    const skipped = rest.map((name) => notChecked(name, "The configuration must be right first."));
    return [node, ...checks, await checkNtp(), ...skipped];
  }
  // Who listens is asked before the database is: it may have to be started for its checks, and then we hold the folder.
  const [folder, ports, providers, ntp] = await Promise.all([
    checkDataFolder(settings),
    checkPorts(settings, run.world.clock),
    checkProviders(settings, labRuns(settings), run.world.clock),
    checkNtp(),
  ]);
  const stored = await examineStore(settings, run.world);
  return [
    node,
    ...checks,
    ...folder,
    ...stored.database,
    ...stored.clock,
    ntp,
    ...ports,
    ...providers,
    ...checkNotices(settings),
    ...checkAlertTargets(settings),
    ...stored.rest,
  ];
}

const labRuns = ({ database, dataFolder }: Settings): boolean =>
  database.kind === "server" || holderOf(dataFolder) !== null;
