import { type Clock, type Log, every } from "../kernel/index.ts";
import type { Database } from "./database.ts";
import { tellFailure } from "./failing-look.ts";

/** What one node writes is known to every other within a second; this leaves half of it for the commit. */
const LOOK_MS = 500;

/** A few rows that this node has to know without asking. */
export type Watched = {
  /** A query of one value, that is another one whenever the rows are: cheap, since it is asked twice a second. */
  version: string;
  /** What the log calls a look that failed. */
  event: string;
  look(): Promise<void>;
};

/**
 * Reads rows of several tables at its start, and again whenever they have changed: one statement asks for the versions of all,
 * twice a second. While the database is away what was known last holds.
 */
export class RowWatch {
  readonly #parts: { database: Database; clock: Clock; log: Log };
  readonly #all: { watched: Watched; known: string | null }[] = [];
  #series: { stop(): Promise<void> } | null = null;

  constructor(parts: { database: Database; clock: Clock; log: Log }) {
    this.#parts = parts;
  }

  /** Before the start. */
  add(watched: Watched): void {
    this.#all.push({ watched, known: null });
  }

  /** Resolves once all rows are known. @throws what a first look threw */
  async start(): Promise<void> {
    const { database, clock, log } = this.#parts;
    await this.#look((_, error) => {
      throw error;
    });
    const tell = (event: string, error: unknown): void => tellFailure(database, log, event)(error);
    this.#series = every(clock, LOOK_MS, () => this.#look(tell), tellFailure(database, log, "rows.not-read"));
  }

  async stop(): Promise<void> {
    await this.#series?.stop();
  }

  async #look(failed: (event: string, error: unknown) => void): Promise<void> {
    const asked = this.#all.map(({ watched }, n) => `(${watched.version})::text AS v${n}`).join(", ");
    const [versions] = await this.#parts.database.query<Record<string, string | null>>(`SELECT ${asked}`);
    for (const [n, one] of this.#all.entries()) {
      const version = versions?.[`v${n}`] ?? "";
      if (one.known === version) continue;
      try {
        await one.watched.look();
        one.known = version;
      } catch (error) {
        failed(one.watched.event, error); // and it is tried again
      }
    }
  }
}
