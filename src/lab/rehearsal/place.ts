import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { silentLog, systemClock, systemRandom } from "../../kernel/index.ts";
import {
  type Database,
  type DatabaseTarget,
  clusterOf,
  connectDatabase,
  migrate,
  startEmbedded,
} from "../../store/index.ts";

/** A PostgreSQL for one command: started for it, gone with it. */
export type Place = { target: Server; stop(): Promise<void> };
type Server = Extract<DatabaseTarget, { host: string }>;

/**
 * The embedded server of the program, with one difference: fsync is off. What is rehearsed is what happens when mail
 * stops, not when the machine does, and nothing of it is kept.
 */
export async function startPlace(): Promise<Place> {
  const dataFolder = mkdtempSync(path.join(tmpdir(), "postern-rehearsal-"));
  chmodSync(dataFolder, 0o755); // started by root, the server runs as another user
  const server = await startEmbedded({ dataFolder, clock: systemClock, random: systemRandom, log: silentLog });
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(clusterOf(dataFolder) ?? dataFolder, { recursive: true, force: true });
    rmSync(dataFolder, { recursive: true, force: true });
  };
  try {
    if (!("host" in server.target)) throw new Error("the embedded server is reached by its socket");
    const admin = connect(server.target);
    await admin.query("ALTER SYSTEM SET fsync = off");
    await admin.query("ALTER SYSTEM SET full_page_writes = off");
    await admin.query("SELECT pg_reload_conf()");
    await admin.close();
    return { target: server.target, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A database of one worker's own, migrated; made anew where it is there. */
export async function ownDatabase(server: Server, name: string): Promise<Server> {
  const admin = connect(server);
  await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.close();
  const target = { ...server, database: name };
  const database = connect(target);
  await migrate(database, silentLog);
  await database.close();
  return target;
}

/** In real time: its time-outs and its probe are between this process and the server, whatever the rehearsal's clock says. */
export const connect = (target: Server): Database => connectDatabase({ target, clock: systemClock, log: silentLog });

const KEPT = new Set(["schema_migrations"]);

/** As a database that was just made. */
export async function emptied(database: Database): Promise<void> {
  const names = (await tablesOf(database)).filter((name) => !KEPT.has(name));
  await database.transaction(async (tx) => {
    // The ledger refuses to be emptied; here its server is our own, and is thrown away.
    await tx.query("SET LOCAL session_replication_role = replica");
    await tx.query(`TRUNCATE ${names.join(", ")} RESTART IDENTITY`);
  });
}

export const tablesOf = async (database: Pick<Database, "query">): Promise<string[]> =>
  (
    await database.query<{ name: string }>(
      "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    )
  ).map(({ name }) => name);
