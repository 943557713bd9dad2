import { accessSync, constants, existsSync, statSync } from "node:fs";
import { statfs } from "node:fs/promises";
import path from "node:path";
import type { Settings } from "../../config/index.ts";
import { clusterOf, holderOf } from "../../store/index.ts";
import { size } from "../when.ts";
import { type Check, ok, warning, wrong } from "./check.ts";

/** Who owns the data folder, who uses it, and whether there is room. */
export async function checkDataFolder(settings: Settings): Promise<Check[]> {
  const { dataFolder, limits } = settings;
  const embedded = settings.database.kind === "embedded";
  const folders = [nearest(dataFolder), ...(embedded ? [nearest(clusterOf(dataFolder))] : [])];
  const disks = new Map(folders.toReversed().map((folder) => [statSync(folder).dev, folder])); // the first of each disk
  return [
    checkOwner(dataFolder),
    ...(embedded ? [checkHolder(dataFolder)] : []),
    ...(await Promise.all([...disks.values()].map((folder) => checkDisk(folder, limits.diskFreeBytes)))),
  ];
}

function checkOwner(dataFolder: string): Check {
  const name = "data folder";
  const folder = nearest(dataFolder);
  const missing = folder !== path.resolve(dataFolder);
  const self = process.getuid?.();
  const { uid } = statSync(folder);
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return wrong(
      name,
      `This user (uid ${self ?? "?"}) may not write in ${folder}, which belongs to uid ${uid}.`,
      `Run as that user, give this one the folder (chown -R ${self ?? "USER"} ${folder}), or name another (data:, POSTERN_DATA).`,
    );
  }
  if (missing) return ok(name, `${dataFolder} does not exist yet; the first start makes it.`);
  if (self !== undefined && self !== 0 && uid !== self) {
    return warning(
      name,
      `${dataFolder} belongs to uid ${uid}, not to this user (uid ${self}).`,
      "Run Postern as one user always: files of another one will be in the way.",
    );
  }
  return ok(name, `${dataFolder} belongs to uid ${uid} and may be written.`);
}

function checkHolder(dataFolder: string): Check {
  const holder = holderOf(dataFolder);
  return ok(
    "holder",
    holder === null
      ? "No Postern runs on this data at the moment."
      : `Process ${holder.pid} runs on this data since ${holder.startedAt}.`,
  );
}

async function checkDisk(folder: string, leastBytes: number): Promise<Check> {
  const name = "disk";
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const said = `${size(free)} free at ${folder}`;
  const next = `Free space, or move the data. Intake stops below ${size(leastBytes)} (limits.diskFreeBytes); delivery goes on.`;
  if (free < leastBytes) return wrong(name, `${said}: intake refuses mail.`, next);
  if (free < leastBytes * 2) return warning(name, `${said}: nearly too little.`, next);
  return ok(name, `${said}; intake stops below ${size(leastBytes)}.`);
}

/** The folder itself or, where it is missing, what it would be made in. */
function nearest(folder: string): string {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    if (existsSync(at) || at === path.dirname(at)) return at;
  }
}
