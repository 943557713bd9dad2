import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import path from "node:path";
import { execFileSync } from "node:child_process";
import { Problem } from "../../kernel/index.ts";

const HOLDER_FILE = "holder.json";

type Holder = { pid: number; startedAt: string; mark: string };

/**
 * One process holds a data folder. The file names it by pid and by the system's mark of when that process began,
 * so that a pid used again by another program is not mistaken for it.
 * @throws Problem `data-folder-held`, naming the holder.
 */
export function holdDataFolder(dataFolder: string, now: number): { release(): void } {
  const file = path.join(dataFolder, HOLDER_FILE);
  const mine: Holder = {
    pid: process.pid,
    startedAt: new Date(now).toISOString(),
    mark: processMark(process.pid) ?? "",
  };
  for (let tries = 0; tries < 5; tries += 1) {
    if (create(file, mine)) return { release: () => releaseIfOurs(file, mine) };
    const holder = readHolder(file);
    if (holder && processMark(holder.pid) === holder.mark) {
      throw new Problem(
        "data-folder-held",
        `The data in ${dataFolder} is in use by process ${holder.pid}, started ${holder.startedAt}. Stop that process (kill ${holder.pid}), or give this one a folder of its own (POSTERN_DATA).`,
      );
    }
    const dead = `${file}.dead-${process.pid}`;
    try {
      renameSync(file, dead); // exactly one of several starters takes the dead holder away
      rmSync(dead, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  throw new Problem(
    "data-folder-held",
    `The data in ${dataFolder} is being taken by another process right now. Start again in a moment.`,
  );
}

/** The live process that holds the folder; null where none does. */
export function holderOf(dataFolder: string): Holder | null {
  const holder = readHolder(path.join(dataFolder, HOLDER_FILE));
  return holder && processMark(holder.pid) === holder.mark ? holder : null;
}

function create(file: string, holder: Holder): boolean {
  try {
    const handle = openSync(file, "wx", 0o600);
    try {
      writeSync(handle, `${JSON.stringify(holder)}\n`);
    } finally {
      closeSync(handle);
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function readHolder(file: string): Holder | null {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder;
  } catch {
    return null; // absent, or cut short by a power failure: nobody holds it
  }
}

function releaseIfOurs(file: string, mine: Holder): void {
  const holder = readHolder(file);
  if (holder?.pid === mine.pid && holder.mark === mine.mark) rmSync(file, { force: true });
}

/** Text that is the same for one process and differs for the next with its pid; null where there is no such process. */
export function processMark(pid: number): string | null {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return null;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? null : fields[19]!; // field 22, starttime (proc_pid_stat(5)); a zombie holds nothing
  } catch {
    try {
      return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || null;
    } catch {
      return null;
    }
  }
}
