import { readFileSync, readdirSync } from "node:fs";
import { execFileSync } from "node:child_process";

/** What Linux tells of processes under /proc (proc_pid_stat(5), proc_pid_smaps_rollup(5)). */

/** Fields of /proc/PID/stat after the name, which may hold anything and stands in brackets. */
const FIELD = { parent: 1, userTicks: 11, systemTicks: 12, reapedUserTicks: 13, reapedSystemTicks: 14 } as const;

let ticksPerSecond: number | undefined;
const ticks = (): number =>
  (ticksPerSecond ??= Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }).trim()));

function statOf(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null; // ended meanwhile
  }
}

/** The roots and everything below them that is alive. */
export function treeOf(roots: readonly number[]): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    const stat = Number.isInteger(pid) ? statOf(pid) : null;
    if (!stat) continue;
    const parent = Number(stat[FIELD.parent]);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found = new Set<number>();
  const waiting = [...roots];
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
    if (found.has(pid)) continue;
    found.add(pid);
    waiting.push(...(children.get(pid) ?? []));
  }
  return [...found];
}

/**
 * Milliseconds of CPU the tree has used, those of children that ended included: their parent inherits the count when it
 * reaps them, so a difference of two readings misses nothing.
 */
export function cpuMsOf(pids: readonly number[]): number {
  let sum = 0;
  for (const pid of pids) {
    const stat = statOf(pid);
    if (!stat) continue;
    const { userTicks, systemTicks, reapedUserTicks, reapedSystemTicks } = FIELD;
    for (const field of [userTicks, systemTicks, reapedUserTicks, reapedSystemTicks]) sum += Number(stat[field]);
  }
  return (sum * 1_000) / ticks();
}

/** Memory of the processes together, in bytes, what they share counted once (PSS); null where it may not be read. */
export function memoryOf(pids: readonly number[]): number | null {
  let sum = 0;
  let read = 0;
  for (const pid of pids) {
    try {
      const kib = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"));
      if (!kib) continue;
      sum += Number(kib[1]) * 1_024;
      read += 1;
    } catch {
      // ended meanwhile, or of another user
    }
  }
  return read === 0 ? null : sum;
}
