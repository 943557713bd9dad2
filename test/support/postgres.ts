import { createHash, randomUUID } from "node:crypto";
import pg from "pg";
import { type Clock, type Log, silentLog, systemClock } from "../../src/kernel/index.ts";
import { type Database, type DatabaseTarget, connectDatabase, migrate, readMigrations } from "../../src/store/index.ts";
import { TEST_SERVER_VARIABLE, type TestServer, startTestServer } from "./test-server.ts";

/** A database nobody else uses. `drop` closes it and takes it away; without it the test file does not end. */
export type FreshDatabase = {
  database: Database;
  target: Extract<DatabaseTarget, { host: string }>;
  /** The same place as `database.url` of a configuration names it, for other processes. */
  url: string;
  drop(): Promise<void>;
};

/**
 * Makes a database on a real PostgreSQL: the one of this test run, or else one this process starts for itself.
 * It is a copy of a migrated template (some 50 ms), or empty where `migrated` is false.
 */
export async function freshDatabase({
  migrated = true,
  clock = systemClock,
  log = silentLog,
}: { migrated?: boolean; clock?: Clock; log?: Log } = {}): Promise<FreshDatabase> {
  const server = await testServer();
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await asAdmin(server, async (admin) => {
    const template = migrated ? await migratedTemplate(server, admin) : "template0";
    await admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  const target = { ...server, database: name };
  const database = connectDatabase({ target, clock, log });
  return {
    database,
    target,
    url: urlOf(target),
    async drop() {
      await database.close();
      await asAdmin(server, (admin) => admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

let started: Promise<TestServer> | undefined;
function testServer(): Promise<TestServer> {
  started ??= inherited() ?? startTestServer().then(({ server }) => server);
  return started;
}

function inherited(): Promise<TestServer> | undefined {
  const text = process.env[TEST_SERVER_VARIABLE];
  return text ? Promise.resolve(JSON.parse(text) as TestServer) : undefined;
}

async function asAdmin<Result>(server: TestServer, work: (admin: pg.Client) => Promise<Result>): Promise<Result> {
  const admin = new pg.Client({ ...server, database: "postgres" });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

/** Any fixed number: test files that start together make the template once. */
const TEMPLATE_LOCK = 7_082_023;

async function migratedTemplate(server: TestServer, admin: pg.Client): Promise<string> {
  const migrations = readMigrations();
  const contents = migrations.map((migration) => migration.sha256).join();
  const template = `template_${createHash("sha256").update(contents).digest("hex").slice(0, 16)}`;
  const exists = async () =>
    (await admin.query("SELECT 1 FROM pg_database WHERE datname = $1", [template])).rowCount === 1;
  if (await exists()) return template;
  await admin.query("SELECT pg_advisory_lock($1)", [TEMPLATE_LOCK]);
  try {
    if (await exists()) return template;
    const building = `${template}_building`; // renamed when whole, so that a killed run leaves no half template
    await admin.query(`DROP DATABASE IF EXISTS ${building} WITH (FORCE)`);
    await admin.query(`CREATE DATABASE ${building}`);
    const target = { ...server, database: building };
    const database = connectDatabase({ target, clock: systemClock, log: silentLog });
    await migrate(database, silentLog, migrations).finally(() => database.close());
    await admin.query(`ALTER DATABASE ${building} RENAME TO ${template}`);
    return template;
  } finally {
    await admin.query("SELECT pg_advisory_unlock($1)", [TEMPLATE_LOCK]);
  }
}

const urlOf = (target: FreshDatabase["target"]): string =>
  `postgres://${target.user}:${target.password}@localhost:${target.port}/${target.database}?host=${encodeURIComponent(target.host)}`;
