import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chownSync, closeSync, existsSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Log, Problem } from "../../kernel/index.ts";
import type { EmbeddedHome } from "./home.ts";
import { processMark } from "./holder.ts";
import { openServerLog } from "./server-log.ts";

export const SUPERUSER = "postern";

/**
 * Settings of the embedded server. It holds mail that was promised, so nothing of its durability is relaxed
 * (fsync, full_page_writes and synchronous_commit stay on); replication it has none, so WAL need not serve one.
 * Errors are logged without the values of rows: those could be addresses.
 */
const SERVER_SETTINGS: Record<string, string> = {
  listen_addresses: "",
  unix_socket_permissions: "0700",
  max_connections: "100",
  shared_buffers: "256MB",
  wal_level: "minimal",
  max_wal_senders: "0",
  wal_buffers: "16MB",
  checkpoint_timeout: "15min",
  checkpoint_completion_target: "0.9",
  autovacuum_naptime: "15s",
  autovacuum_vacuum_cost_limit: "2000",
  log_error_verbosity: "terse",
  log_min_error_statement: "panic", // a statement is pages long, and on a full disk each one fails
  log_timezone: "UTC",
  timezone: "UTC",
};

const MIB = 1024 * 1024;

/**
 * The write-ahead log grows to this between checkpoints: 4 GiB where the disk is large, a sixteenth of it where it is
 * small, so that the log alone never fills it.
 */
export function walSettings(diskBytes: number): Record<"max_wal_size" | "min_wal_size", string> {
  const mostMib = Math.min(4096, Math.max(128, Math.floor(diskBytes / 16 / MIB)));
  return { max_wal_size: `${mostMib}MB`, min_wal_size: `${Math.max(32, Math.floor(mostMib / 8))}MB` };
}

/** initdb, once. @throws Problem `embedded-init-failed` with what initdb said. */
export function createCluster(home: EmbeddedHome, password: string): void {
  if (existsSync(path.join(home.cluster, "PG_VERSION"))) return;
  const passwordFile = path.join(home.socketFolder, "initdb.password");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (home.user) chownSync(passwordFile, home.user.uid, home.user.gid);
  const args = [
    "-D",
    home.cluster,
    "-U",
    SUPERUSER,
    "--auth=scram-sha-256",
    `--pwfile=${passwordFile}`,
    "-E",
    "UTF8",
    "--locale=C",
    "--no-instructions",
  ];
  const made = spawnSync(path.join(home.programs, "bin/initdb"), args, {
    ...asUser(home),
    encoding: "utf8",
    cwd: home.cluster,
  });
  rmSync(passwordFile, { force: true });
  if (made.status !== 0) {
    const said = (made.stderr || made.error?.message || "").trim().split("\n").slice(-3).join(" ");
    throw new Problem(
      "embedded-init-failed",
      `The database could not be created in ${home.cluster}: ${said}`,
      made.error,
    );
  }
}

/** The postmaster already running on this cluster (left by a killed Postern), or null. */
export function runningPostmaster(home: EmbeddedHome): number | null {
  try {
    const pid = Number(readFileSync(path.join(home.cluster, "postmaster.pid"), "utf8").split("\n")[0]);
    return pid > 0 && processMark(pid) !== null && isPostgres(pid) ? pid : null;
  } catch {
    return null;
  }
}

/** A pid of an old postmaster.pid may belong to anything after a reboot. */
function isPostgres(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("postgres");
  } catch {
    return true; // no /proc here: PostgreSQL itself decides the same way
  }
}

export function spawnPostmaster(home: EmbeddedHome): ChildProcess {
  const log = openServerLog(home.logFile);
  const { blocks, bsize } = statfsSync(home.cluster);
  const wal = walSettings(blocks * bsize);
  const settings = Object.entries({ ...SERVER_SETTINGS, ...wal, unix_socket_directories: home.socketFolder });
  const args = ["-D", home.cluster, ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`])];
  // Detached: a Ctrl-C in the terminal reaches Postern alone, which then drains while the database still runs.
  const child = spawn(path.join(home.programs, "bin/postgres"), args, {
    ...asUser(home),
    cwd: home.cluster,
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  child.unref();
  return child;
}

/** "fast" shutdown: ends sessions, writes a checkpoint. */
export function interruptPostmaster(pid: number, log: Log): void {
  try {
    process.kill(pid, "SIGINT");
  } catch (error) {
    log.warn("database.stop-failed", { pid, cause: String(error) });
  }
}

const asUser = (home: EmbeddedHome) => ({
  ...(home.user ? { uid: home.user.uid, gid: home.user.gid } : {}),
  // Nothing of our own environment (which may hold secrets) reaches the server.
  env: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC", HOME: home.cluster },
});
