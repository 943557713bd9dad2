import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import pg from "pg";

/**
 * A server that lives, takes no connection and has nobody at work on that: when the process that recovers it panics
 * (a flush failed while it started again after a crash), PostgreSQL 18 waits for ever, also when the disk is well again.
 */
export async function isStuck(socket: pg.ClientConfig, postmaster: number): Promise<boolean> {
  return (await isNotAccepting(socket)) && !hasStartupProcess(postmaster);
}

const CANNOT_CONNECT_NOW = "57P03";

async function isNotAccepting(socket: pg.ClientConfig): Promise<boolean> {
  const client = new pg.Client({ ...socket, connectionTimeoutMillis: 1_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    return false;
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    return code === CANNOT_CONNECT_NOW && !/shutting down/.test(message ?? "");
  } finally {
    await client.end().catch(() => {});
  }
}

/** Whether the process that replays the write-ahead log is there; true where nobody can tell. */
function hasStartupProcess(postmaster: number): boolean {
  try {
    return childrenOf(postmaster).some((title) => title.startsWith("postgres: startup"));
  } catch {
    return true;
  }
}

function childrenOf(pid: number): string[] {
  try {
    const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(/\s+/);
    return pids.map((child) => readFileSync(`/proc/${child}/cmdline`, "utf8"));
  } catch {
    const lines = execFileSync("ps", ["-A", "-o", "ppid=,args="], { encoding: "utf8" }).split("\n");
    return lines.flatMap((line) => {
      const [, parent, title] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
      return Number(parent) === pid && title !== undefined ? [title] : [];
    });
  }
}
