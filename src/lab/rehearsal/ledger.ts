import { createHash } from "node:crypto";
import type { Database } from "../../store/index.ts";

/** How the ledger's leaves stood at one moment: a later ledger begins with the very same. */
export type Checkpoint = { lastId: number; count: number; hash: string };

/** Watches that the ledger only grows. */
export class Ledger {
  readonly checkpoints: Checkpoint[] = [];
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async check(): Promise<void> {
    this.checkpoints.push(await this.upTo(Number.MAX_SAFE_INTEGER));
  }

  async upTo(lastId: number): Promise<Checkpoint> {
    const rows = await this.#database.query<{ id: string; leaf: Buffer }>(
      "SELECT leaf_id AS id, leaf FROM ledger_leaves WHERE leaf_id <= $1 ORDER BY leaf_id",
      [lastId],
    );
    const hash = createHash("sha256");
    for (const { leaf } of rows) hash.update(createHash("sha256").update(leaf).digest());
    return { lastId: Number(rows.at(-1)?.id ?? 0), count: rows.length, hash: hash.digest("hex") };
  }
}
