import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { type Log, Problem } from "../kernel/index.ts";
import type { Database } from "./database.ts";

export const MIGRATIONS_FOLDER = path.join(import.meta.dirname, "../../migrations");
const MIGRATION_NAME = /^\d{4}_.*\.sql$/;
/** Any fixed number: processes that start together take turns. */
const MIGRATION_LOCK = 7_082_022;

type Migration = { name: string; sql: string; sha256: string };

export function readMigrations(folder: string = MIGRATIONS_FOLDER): Migration[] {
  return readdirSync(folder)
    .filter((name) => MIGRATION_NAME.test(name))
    .toSorted()
    .map((name) => {
      const sql = readFileSync(path.join(folder, name), "utf8");
      return { name, sql, sha256: createHash("sha256").update(sql).digest("hex") };
    });
}

/**
 * Brings the schema up to date, all in one transaction; forward only.
 * @returns the names that were applied now.
 * @throws Problem `migration-changed` when an applied file differs from the one on disk; `migration-unknown` when the
 * database was migrated by a later version.
 */
export async function migrate(
  database: Database,
  log: Log,
  migrations: Migration[] = readMigrations(),
): Promise<string[]> {
  return database.transaction(async (tx) => {
    await tx.query("SELECT pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
    await tx.query(
      "CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())",
    );
    const rows = await tx.query<{ name: string; sha256: string }>("SELECT name, sha256 FROM schema_migrations");
    const applied = new Map(rows.map((row) => [row.name, row.sha256]));
    for (const name of applied.keys()) {
      if (!migrations.some((one) => one.name === name)) {
        throw new Problem(
          "migration-unknown",
          `The database has the migration ${name}, which this version does not know. Run the version that made it, or a later one.`,
        );
      }
    }
    const done: string[] = [];
    for (const migration of migrations) {
      const before = applied.get(migration.name);
      if (before === migration.sha256) continue;
      if (before !== undefined) {
        throw new Problem(
          "migration-changed",
          `The file migrations/${migration.name} is not the one that was applied to this database. Restore it; changes belong in a new file.`,
        );
      }
      await tx.query(migration.sql);
      await tx.query("INSERT INTO schema_migrations (name, sha256) VALUES ($1, $2)", [
        migration.name,
        migration.sha256,
      ]);
      log.info("migration.applied", { name: migration.name });
      done.push(migration.name);
    }
    return done;
  });
}
