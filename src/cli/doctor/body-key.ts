import { existsSync, statSync } from "node:fs";
import { type Settings, openBodyKey } from "../../config/index.ts";
import { Problem, type Random, type SpoolId, causeText } from "../../kernel/index.ts";
import { type SealedBody, Sealer } from "../../spool/index.ts";
import type { Queryable } from "../../store/index.ts";
import { type Check, notChecked, ok, warning, wrong } from "./check.ts";

const NAME = "body key";
const LOST = "Put the key back from its backup: without it the stored messages cannot be read by anyone.";

/** The key can be read, only by us, and opens what is stored. `database` is null where it cannot be asked. */
export async function checkBodyKey(
  bodyKey: Settings["bodyKey"],
  database: Queryable | null,
  random: Random,
): Promise<Check> {
  const stored = database === null ? null : await newestBody(database);
  if ("file" in bodyKey && !existsSync(bodyKey.file)) {
    if (stored) return wrong(NAME, `${bodyKey.file} is missing, and messages are stored under it.`, LOST);
    return ok(NAME, `${bodyKey.file} does not exist yet; the first start makes it.`);
  }
  let key: Buffer;
  try {
    key = openBodyKey(bodyKey, random);
  } catch (error) {
    return wrong(NAME, error instanceof Problem ? error.publicMessage : causeText(error), LOST);
  }
  if (stored) {
    try {
      new Sealer(key, random).open(stored.spoolId, stored);
    } catch {
      return wrong(NAME, "The key does not open the message stored last: it is not the key that sealed it.", LOST);
    }
  }
  if ("file" in bodyKey && (statSync(bodyKey.file).mode & 0o077) !== 0) {
    return warning(NAME, `Other users may read ${bodyKey.file}.`, `chmod 600 ${bodyKey.file}`);
  }
  if (database === null)
    return notChecked(NAME, "Readable; whether it opens the stored messages could not be checked.");
  return ok(NAME, stored ? "Readable, and opens the message stored last." : "Readable; no message is stored.");
}

async function newestBody(database: Queryable): Promise<(SealedBody & { spoolId: SpoolId }) | null> {
  const [there] = await database.query<{ there: boolean }>("SELECT to_regclass('bodies') IS NOT NULL AS there");
  if (!there?.there) return null;
  const [row] = await database.query<SealedBody & { spoolId: SpoolId }>(
    'SELECT spool_id AS "spoolId", salt, sealed FROM bodies ORDER BY spool_id DESC LIMIT 1',
  );
  return row ?? null;
}
