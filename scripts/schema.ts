import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { freshDatabase } from "../test/support/postgres.ts";
import { schemaText } from "../test/support/schema-text.ts";
import { ROOT } from "./findings.ts";

/**
 * migrations/schema.sql is what the migrations add up to, for people to read and for reviews to show a change whole.
 * `node scripts/schema.ts --write` makes it anew; without it, says whether it is up to date.
 */
const FILE = path.join(ROOT, "migrations/schema.sql");
const HEAD = `-- What the migrations add up to. Made by \`node scripts/schema.ts --write\`; a test compares them. The program never runs it.\n\n`;

const { database, drop } = await freshDatabase();
const text = HEAD + (await schemaText(database));
await drop();

if (process.argv.includes("--write")) {
  writeFileSync(FILE, text);
  process.stdout.write(`${path.relative(process.cwd(), FILE)} is written.\n`);
} else {
  const same = readFileSync(FILE, "utf8") === text;
  process.stdout.write(
    same ? "schema.sql is up to date.\n" : "schema.sql is out of date: run node scripts/schema.ts --write\n",
  );
  process.exitCode = same ? 0 : 1;
}
