import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, statfsSync, writeSync } from "node:fs";
import { availableParallelism, cpus, platform, release, totalmem } from "node:os";
import path from "node:path";
import { median, round } from "./statistics.ts";

/** What figures of a machine mean little without. */
export type Machine = {
  cpu: string;
  cores: number;
  memoryGb: number;
  system: string;
  node: string;
  /** Where the queues lie. */
  fileSystem: string;
  /** One append of 4 KB and fdatasync there: below 0.01 ms nothing was really written. */
  syncMs: number;
};

/** linux/magic.h; in the first two a file is never on a disk. */
const FILE_SYSTEMS: Record<number, string> = {
  0x01021994: "tmpfs",
  0x858458f6: "ramfs",
  0xef53: "ext4",
  0x58465342: "xfs",
  0x9123683e: "btrfs",
  0x2fc12fc1: "zfs",
  0x794c7630: "overlay",
  0x6969: "nfs",
};
const IN_MEMORY = ["tmpfs", "ramfs"];
const SYNCS = 60;

export function describeMachine(folder: string): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGb: round(totalmem() / 2 ** 30, 1),
    system: `${distribution()} (${platform()} ${release()})`,
    node: process.version,
    fileSystem: fileSystemOf(folder),
    syncMs: round(syncMs(folder), 3),
  };
}

/**
 * The first of the usual places for temporary files that is on a disk: in memory nothing that is written is durable,
 * and whoever synchronises most would win by nothing.
 * @throws Error where none is.
 */
export function placeOnDisk(wanted: string | null): string {
  const places = wanted === null ? [process.env["TMPDIR"] ?? "/tmp", "/var/tmp", process.cwd()] : [wanted];
  const found = places.find((place) => {
    try {
      return !IN_MEMORY.includes(fileSystemOf(place));
    } catch {
      return false;
    }
  });
  if (found !== undefined) return found;
  throw new Error(`No folder on a disk among ${places.join(", ")}: name one with --folder.`);
}

function fileSystemOf(folder: string): string {
  const { type } = statfsSync(folder);
  return FILE_SYSTEMS[type] ?? `0x${type.toString(16)}`;
}

function distribution(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "Linux";
  } catch {
    return platform();
  }
}

function syncMs(folder: string): number {
  const own = mkdtempSync(path.join(folder, "postern-bench-sync-"));
  const handle = openSync(path.join(own, "file"), "a");
  const page = Buffer.alloc(4096, 1);
  try {
    return median(
      Array.from({ length: SYNCS }, () => {
        const from = performance.now();
        writeSync(handle, page);
        fdatasyncSync(handle);
        return performance.now() - from;
      }),
    );
  } finally {
    closeSync(handle);
    rmSync(own, { recursive: true, force: true });
  }
}
