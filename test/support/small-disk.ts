import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, statfsSync } from "node:fs";
import path from "node:path";

/** A file system of its own, kept in memory, that a test may fill. */
export type SmallDisk = {
  folder: string;
  freeBytes(): number;
  /** Takes space at once, until only this much is free. */
  fillTo(freeBytes: number): void;
  /** A process that takes what is free, and again whatever anybody gives back, until `empty`. */
  fillAndKeepFull(): void;
  /** Gives all taken space back. */
  empty(): Promise<void>;
  remove(): Promise<void>;
};

/** Why this machine cannot have one, in a line for the test's `skip`; false where it can. */
export function noSmallDisk(): string | false {
  if (process.platform !== "linux") return "needs tmpfs, which Linux has";
  if (process.getuid?.() !== 0) return "mounting a file system needs root";
  const folder = path.join("/tmp", `postern-disk-probe-${process.pid}`);
  mkdirSync(folder);
  try {
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]).status !== 0)
      return "this machine does not allow mounting a file system";
    spawnSync("umount", ["-l", folder]);
    return spawnSync("fallocate", ["--version"]).status === 0 ? false : "needs fallocate (util-linux)";
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Again and again: what the database frees in its distress is gone before it can use it. */
const KEEP_FULL = `while :; do dd if=/dev/zero of="$1" bs=64k oflag=append conv=notrunc 2>/dev/null; sleep 0.02; done`;
/** Runs on when we are killed: the system closes the pipe with us, and nothing stays mounted. */
const UNMOUNT = `read -r _; umount -l "$1"`;

/** Makes `folder` and mounts the disk there. */
export function smallDisk(folder: string, sizeBytes: number): SmallDisk {
  mkdirSync(folder, { recursive: true });
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${sizeBytes},mode=755`, "tmpfs", folder]);
  if (mounted.status !== 0) throw new Error(`mount: ${mounted.stderr.toString()}`);
  const keeper = spawn("/bin/sh", ["-c", UNMOUNT, "sh", folder], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  const fill = path.join(folder, "fill");
  let filler: ChildProcess | null = null;
  const freeBytes = (): number => {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  };
  let taken = 0;
  const disk: SmallDisk = {
    folder,
    freeBytes,
    fillTo(wanted) {
      const bytes = freeBytes() - wanted;
      if (bytes <= 0) return;
      spawnSync("fallocate", ["-l", String(bytes), `${fill}-${(taken += 1)}`]);
    },
    fillAndKeepFull() {
      filler = spawn("/bin/sh", ["-c", KEEP_FULL, "sh", fill], { detached: true, stdio: "ignore" });
    },
    async empty() {
      if (filler) {
        const gone = once(filler, "close");
        process.kill(-filler.pid!, "SIGKILL"); // the shell and its dd
        await gone;
        filler = null;
      }
      rmSync(fill, { force: true });
      for (; taken > 0; taken -= 1) rmSync(`${fill}-${taken}`, { force: true });
    },
    async remove() {
      await disk.empty();
      const unmounted = once(keeper, "close");
      keeper.stdin!.end();
      await unmounted;
    },
  };
  return disk;
}
