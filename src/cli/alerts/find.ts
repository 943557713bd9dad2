import { type ShownAlert, findAlert } from "../../alerts/index.ts";
import { Problem } from "../../kernel/index.ts";
import type { Database } from "../../store/index.ts";

/** @throws Problem `alert-not-found` */
export async function alertOf(database: Database, word: string): Promise<ShownAlert> {
  const alert = /^\d{1,15}$/.test(word) ? await findAlert(database, Number(word)) : null;
  if (alert === null)
    throw new Problem(
      "alert-not-found",
      `There is no alert ${JSON.stringify(word)}. postern alerts list --all shows them.`,
    );
  return alert;
}
