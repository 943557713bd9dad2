import { readFileSync } from "node:fs";
import path from "node:path";
import type { DatabaseTarget } from "../connect.ts";
import { clusterOf } from "./home.ts";
import { holderOf } from "./holder.ts";
import { SUPERUSER } from "./postmaster.ts";

export const PASSWORD_FILE = "postgres.password";
export const DATABASE_NAME = "postern";

/** Lines of postmaster.pid (PostgreSQL 18, src/include/utils/pidfile.h), counted from 0. */
const LINE = { port: 3, socketFolder: 4, status: 7 } as const;

/**
 * The embedded server that another Postern runs for this data folder; null where none holds the folder, or where its
 * server is not ready yet. Looks at files only: the owner of a folder is never changed by someone who asks.
 * @throws Error EACCES where this user may not read the password.
 */
export function embeddedTarget(dataFolder: string): DatabaseTarget | null {
  if (holderOf(dataFolder) === null) return null;
  const password = readIfThere(path.join(dataFolder, PASSWORD_FILE))?.trim();
  const lines = readIfThere(path.join(clusterOf(dataFolder), "postmaster.pid"))?.split("\n");
  if (password === undefined || lines === undefined) return null; // just starting, or just gone
  const socketFolder = lines[LINE.socketFolder];
  if (!socketFolder || lines[LINE.status]?.trim() !== "ready") return null;
  return {
    host: socketFolder,
    port: Number(lines[LINE.port]),
    user: SUPERUSER,
    password,
    database: DATABASE_NAME,
  };
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
