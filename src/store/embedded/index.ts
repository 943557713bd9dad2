import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import { type Clock, type Log, Problem, type Random, causeText, delay } from "../../kernel/index.ts";
import type { DatabaseTarget } from "../connect.ts";
import { type BallastRule, startBallast } from "./ballast.ts";
import { embeddedHome } from "./home.ts";
import { holdDataFolder, processMark } from "./holder.ts";
import { keepRunning } from "./keep-running.ts";
import { DATABASE_NAME, PASSWORD_FILE } from "./running.ts";
import { lastComplaint } from "./server-log.ts";
import { isStuck } from "./stuck.ts";
import { SUPERUSER, createCluster, interruptPostmaster, runningPostmaster, spawnPostmaster } from "./postmaster.ts";

export type { BallastRule } from "./ballast.ts";
export { holderOf } from "./holder.ts";
export { clusterOf } from "./home.ts";
export { embeddedTarget } from "./running.ts";

export type EmbeddedServer = {
  target: DatabaseTarget;
  /** Of the cluster: its disk is the one that must not run full. */
  folder: string;
  /** Of the postmaster; changes when it had to be started again. */
  pid(): number;
  stop(): Promise<void>;
};

const PORT = 5432; // names the socket only; nothing listens on a port
const WRONG_PASSWORD = "28P01"; // invalid_password (PostgreSQL 18, appendix A)
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
const STARTS = 2;
const STARTS_WHILE_LOCKED = 60;
const START_AGAIN_MS = 250;
/** To start, a server needs one segment of its write-ahead log. */
const FULL_BELOW_BYTES = 16 * 1024 * 1024;
const LOCK_HELD = /lock file "postmaster.pid" already exists|pre-existing shared memory block/;

/**
 * Holds the data folder, creates the cluster on first use, adopts a server that outlived a killed Postern, and
 * starts it again when it dies.
 * @throws Problem `data-folder-held`, `embedded-unsupported`, `embedded-no-user`, `embedded-init-failed`, `embedded-start-failed`.
 */
export async function startEmbedded(parts: {
  dataFolder: string;
  clock: Clock;
  random: Random;
  log: Log;
  /** Space kept for the worst hour; none unless given. */
  ballast?: BallastRule;
}): Promise<EmbeddedServer> {
  const { dataFolder, clock, random, log } = parts;
  const home = embeddedHome(dataFolder);
  const hold = holdDataFolder(dataFolder, clock.now());
  const ballast = parts.ballast
    ? startBallast({ folder: path.dirname(home.cluster), rule: parts.ballast, clock, log })
    : null;
  try {
    await ballast?.look().catch((error) => log.debug("disk.ballast-failed", { cause: causeText(error) }));
    const password = passwordOf(dataFolder, random);
    const socket = { host: home.socketFolder, port: PORT, user: SUPERUSER, password };
    if (!existsSync(path.join(home.cluster, "PG_VERSION"))) log.info("database.creating", { folder: home.cluster });
    createCluster(home, password);

    let pid = runningPostmaster(home);
    if (pid === null) pid = started();
    else log.info("database.adopted", { pid });
    let tries = 1;
    await ready(socket, async () => {
      if (processMark(pid!) !== null) return true;
      // Backends of a postmaster that was killed keep its lock until they have noticed; anything else gets one more try.
      if (tries >= (LOCK_HELD.test(lastComplaint(home.logFile)) ? STARTS_WHILE_LOCKED : STARTS)) return false;
      tries += 1;
      await delay(clock, START_AGAIN_MS);
      pid = runningPostmaster(home) ?? started();
      return true;
    });
    await createDatabase(socket);

    function started(): number {
      const child = spawnPostmaster(home);
      child.on("error", (error) => log.error("database.start-failed", { cause: error.message }));
      return child.pid ?? 0;
    }

    const watch = keepRunning({
      pid: () => pid!,
      startAgain: () => void (pid = runningPostmaster(home) ?? started()),
      isStuck: () => isStuck({ ...socket, database: "postgres" }, pid!),
      said: async () => ({ said: lastComplaint(home.logFile), diskFreeBytes: await freeBytes(home.cluster) }),
      clock,
      log,
    });

    return {
      target: { ...socket, database: DATABASE_NAME },
      folder: home.cluster,
      pid: () => pid!,
      async stop() {
        await Promise.all([watch.stop(), ballast?.stop()]);
        interruptPostmaster(pid!, log);
        for (let waited = 0; waited < STOP_TIMEOUT_MS && processMark(pid!) !== null; waited += 20)
          await delay(clock, 20);
        hold.release();
      },
    };
  } catch (error) {
    await ballast?.stop();
    hold.release();
    throw error;
  }

  async function ready(socket: pg.ClientConfig, alive: () => Promise<boolean>): Promise<void> {
    const deadline = clock.monotonicMs() + START_TIMEOUT_MS;
    for (;;) {
      const client = new pg.Client({ ...socket, database: "postgres", connectionTimeoutMillis: 1_000 });
      client.on("error", () => {});
      try {
        await client.connect();
        await client.end();
        return;
      } catch (cause) {
        await client.end().catch(() => {});
        if ((cause as { code?: string }).code === WRONG_PASSWORD) {
          throw new Problem(
            "embedded-start-failed",
            `The database in ${home.cluster} has another password than ${PASSWORD_FILE} in ${dataFolder} says. Put the former file back.`,
            cause,
          );
        }
        if ((await alive()) && clock.monotonicMs() < deadline) {
          await delay(clock, 25);
          continue;
        }
        throw new Problem(
          "embedded-start-failed",
          `The database in ${home.cluster} does not start${await onFullDisk(home.cluster)}. ${lastComplaint(home.logFile)} The whole log: ${home.logFile}`,
          cause,
        );
      }
    }
  }
}

async function createDatabase(socket: pg.ClientConfig): Promise<void> {
  const client = new pg.Client({ ...socket, database: "postgres" });
  await client.connect();
  try {
    const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [DATABASE_NAME]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE_NAME}`);
  } finally {
    await client.end();
  }
}

function passwordOf(dataFolder: string, random: Random): string {
  const file = path.join(dataFolder, PASSWORD_FILE);
  if (existsSync(file)) return readFileSync(file, "utf8").trim();
  const made = random.bytes(24).toString("hex");
  writeFileSync(file, `${made}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  return made;
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** A server on a full disk cannot even write why it ends. */
async function onFullDisk(folder: string): Promise<string> {
  const free = await freeBytes(folder);
  return free < FULL_BELOW_BYTES ? `: its disk is full (${free} bytes free)` : "";
}
