import { execFile } from "node:child_process";
import { open, rm, stat, statfs } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { type Clock, type Log, causeText, every } from "../../kernel/index.ts";

/**
 * Space kept for the worst hour. A PostgreSQL on a full disk can neither write down that a message was handed off nor,
 * after a crash, start at all. So a file of this size lies beside the cluster while there is room, and is given up when
 * something else has eaten the rest: intake has stopped long before, delivery and the database go on.
 */
export type Ballast = {
  /** Gives it up or takes it, as the disk stands. Called once a second, and before the server is started. */
  look(): Promise<void>;
  stop(): Promise<void>;
};

/** `bytes` 0: none is kept. `intakeStopsBelow`: free bytes at which nothing new is taken (limits.diskFreeBytes). */
export type BallastRule = { bytes: number; intakeStopsBelow: number };

const BALLAST_FILE = "ballast";
const WATCH_MS = 1_000;
const CHUNK_BYTES = 1024 * 1024;

/** What is kept: at most half of what intake leaves free, so that giving it up never opens intake again. */
export const ballastSize = ({ bytes, intakeStopsBelow }: BallastRule): number =>
  Math.min(bytes, Math.floor(intakeStopsBelow / 2));

/** What is to be done, from what is free now. Pure. Taking it never stops intake, and intake always stops before it is given up. */
export function ballastStep(rule: BallastRule, present: boolean, freeBytes: number): "take" | "give-up" | "nothing" {
  const size = ballastSize(rule);
  if (present) return size === 0 || freeBytes < size / 4 ? "give-up" : "nothing";
  return size > 0 && freeBytes - size >= rule.intakeStopsBelow * 1.25 ? "take" : "nothing";
}

/** @param folder on the cluster's own file system, and ours to write in. */
export function startBallast(parts: { folder: string; rule: BallastRule; clock: Clock; log: Log }): Ballast {
  const { folder, rule, clock, log } = parts;
  const file = path.join(folder, BALLAST_FILE);

  async function look(): Promise<void> {
    const { bavail, bsize } = await statfs(folder);
    const freeBytes = bavail * bsize;
    const present = await stat(file).then(
      () => true,
      () => false,
    );
    switch (ballastStep(rule, present, freeBytes)) {
      case "take":
        await allocate(file, ballastSize(rule));
        return;
      case "give-up":
        await rm(file, { force: true });
        if (rule.bytes > 0)
          log.warn("disk.ballast-given-up", { freeBytes, next: "free space on the disk of the database" });
        return;
      case "nothing":
        return;
    }
  }
  const watch = every(clock, WATCH_MS, look, (error) => log.debug("disk.ballast-failed", { cause: causeText(error) }));
  return { look, stop: () => watch.stop() };
}

/** The whole file or none. fallocate(1) takes the space without writing it; where there is none, zeros are written. */
async function allocate(file: string, bytes: number): Promise<void> {
  try {
    // Nothing of our own environment, which may hold secrets, is handed on.
    const env = { PATH: "/usr/bin:/bin" };
    await promisify(execFile)("fallocate", ["-l", String(bytes), file], { env }).catch(() => writeZeros(file, bytes));
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

async function writeZeros(file: string, bytes: number): Promise<void> {
  const handle = await open(file, "w", 0o600);
  try {
    const zeros = Buffer.alloc(CHUNK_BYTES);
    for (let written = 0; written < bytes; written += CHUNK_BYTES) {
      await handle.write(zeros, 0, Math.min(CHUNK_BYTES, bytes - written));
    }
  } finally {
    await handle.close();
  }
}
