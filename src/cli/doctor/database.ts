import { causeText, Problem } from "../../kernel/index.ts";
import { type Database, type Queryable, readMigrations } from "../../store/index.ts";
import { plural } from "../when.ts";
import { type Check, ok, warning, wrong } from "./check.ts";

const LEAST_VERSION = 15;
/** What intake promises rests on these: 250 means that the row survives a power cut. */
const MUST_BE_ON = ["fsync", "full_page_writes", "synchronous_commit"] as const;

type Facts = {
  version: string;
  fsync: string;
  full_page_writes: string;
  synchronous_commit: string;
  data_checksums: string;
  server_encoding: string;
  read_only: string;
  standby: boolean;
};

/** What must hold of the server for a 250 to mean what it says. `where` names it in sentences. */
export async function checkDatabase(database: Database, where: string): Promise<Check[]> {
  let facts: Facts;
  try {
    [facts] = (await database.query<Facts>(
      `SELECT current_setting('server_version_num') AS version, current_setting('fsync') AS fsync,
         current_setting('full_page_writes') AS full_page_writes, current_setting('synchronous_commit') AS synchronous_commit,
         current_setting('data_checksums') AS data_checksums, current_setting('server_encoding') AS server_encoding,
         current_setting('transaction_read_only') AS read_only, pg_is_in_recovery() AS standby`,
    )) as [Facts];
  } catch (error) {
    return [unreachable(error, where)];
  }
  return [
    checkServer(facts, where),
    ...MUST_BE_ON.map((name) => checkOn(name, facts[name])),
    checkSums(facts),
    await checkMigrations(database),
  ];
}

export function unreachable(error: unknown, where: string): Check {
  const said = error instanceof Problem && error.cause !== undefined ? causeText(error.cause) : causeText(error);
  const away = error instanceof Problem && error.code === "database-unavailable";
  return wrong(
    "database",
    `${where} cannot be used: ${said}`,
    away || !(error instanceof Problem)
      ? "Start the server, and check address, user, password and pg_hba.conf."
      : error.publicMessage,
  );
}

function checkServer({ version, server_encoding, read_only, standby }: Facts, where: string): Check {
  const name = "database";
  const major = Math.floor(Number(version) / 10_000);
  const said = `${where}, version ${major}.${Number(version) % 10_000}`;
  if (major < LEAST_VERSION) return wrong(name, `${said}, is too old.`, `Use PostgreSQL ${LEAST_VERSION} or later.`);
  if (standby)
    return wrong(name, `${said}, is a standby: nothing can be written there.`, "Point database.url at the primary.");
  if (read_only === "on")
    return wrong(
      name,
      `${said}, refuses to write.`,
      "Set default_transaction_read_only = off for this user and database.",
    );
  if (server_encoding !== "UTF8")
    return wrong(name, `${said}, keeps text as ${server_encoding}.`, "Create the database anew with ENCODING 'UTF8'.");
  return ok(name, `${said}, answers.`);
}

function checkOn(name: (typeof MUST_BE_ON)[number], value: string): Check {
  const safe = name === "synchronous_commit" ? value !== "off" : value === "on";
  if (safe) return ok(name, `${value}`);
  const risk =
    name === "synchronous_commit"
      ? "the last accepted messages would be lost when the server dies"
      : "a power cut could lose or damage what was accepted";
  return wrong(name, `${value}: ${risk}.`, `Set ${name} = on in postgresql.conf (or ALTER DATABASE … SET) and reload.`);
}

const checkSums = ({ data_checksums }: Facts): Check =>
  data_checksums === "on"
    ? ok("data_checksums", "on")
    : warning(
        "data_checksums",
        "off: a disk that returns wrong data would not be noticed.",
        "Stop the server and run pg_checksums --enable when convenient.",
      );

async function checkMigrations(database: Queryable): Promise<Check> {
  const name = "migrations";
  const known = readMigrations();
  const [there] = await database.query<{ there: boolean }>(
    "SELECT to_regclass('schema_migrations') IS NOT NULL AS there",
  );
  if (!there?.there) return warning(name, "None is applied yet.", "Start Postern, or run postern migrate.");
  const applied = new Map(
    (await database.query<{ name: string; sha256: string }>("SELECT name, sha256 FROM schema_migrations")).map(
      (row) => [row.name, row.sha256],
    ),
  );
  const foreign = [...applied.keys()].filter((one) => !known.some((migration) => migration.name === one));
  if (foreign.length > 0)
    return wrong(name, `A later version made ${foreign.join(", ")}.`, "Run that version, or a later one.");
  const changed = known.filter((one) => applied.has(one.name) && applied.get(one.name) !== one.sha256);
  if (changed.length > 0)
    return wrong(
      name,
      `${changed.map((one) => one.name).join(", ")} differs from what was applied.`,
      "Restore the file; changes belong in a new one.",
    );
  const pending = known.filter((one) => !applied.has(one.name));
  if (pending.length > 0)
    return warning(
      name,
      `Not applied yet: ${pending.map((one) => one.name).join(", ")}.`,
      "The next start applies them; postern migrate does it now.",
    );
  return ok(name, `${plural(known.length, "migration")} applied.`);
}
