import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { tryAll } from "../test/compat/clients.ts";
import { withTable } from "../test/compat/table.ts";
import { ROOT } from "./findings.ts";

/**
 * Tries every call of the vendors' clients against Postern and, with --write, puts the results into
 * docs/compatibility.md; without it, prints what does not work.
 */
const FILE = path.join(ROOT, "docs/compatibility.md");

const all = await tryAll();
for (const { client, results } of all)
  for (const { name, kind, note } of results)
    if (kind !== "works") process.stdout.write(`${client} ${name}: ${kind}${note ? ` (${note})` : ""}\n`);
if (process.argv.includes("--write")) {
  writeFileSync(FILE, withTable(readFileSync(FILE, "utf8"), all));
  process.stdout.write(`${path.relative(process.cwd(), FILE)} is written.\n`);
}
