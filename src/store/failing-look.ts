import { type Log, causeText } from "../kernel/index.ts";
import type { Database } from "./database.ts";

/**
 * What is done about a look at rows that failed, and is tried again. An outage of the database is told once, where it is
 * noticed; what goes on failing while it answers needs a person.
 */
export const tellFailure =
  (database: Pick<Database, "isUp">, log: Log, event: string, about: Readonly<Record<string, number | null>> = {}) =>
  (error: unknown): void =>
    log[database.isUp ? "warn" : "debug"](event, { ...about, cause: causeText(error) });
