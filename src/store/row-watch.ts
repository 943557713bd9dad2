import { type Clock, type Log, every } from "../kernel/index.ts";
import type { Database } from "./database.ts";
import { tellFailure } from "./failing-look.ts";

/** What one node writes is known to every other within a second; this leaves half of it for the commit. */
const LOOK_MS = 500;

/**
 * Reads a few rows at its start and then twice a second, for a node that has to know them without asking. While the
 * database is away what was known last holds.
 */
export class RowWatch {
  readonly #parts: { database: Database; clock: Clock; log: Log; event: string; look(): Promise<void> };
  #series: { stop(): Promise<void> } | null = null;

  /** @param parts.event what the log calls a look that failed */
  constructor(parts: { database: Database; clock: Clock; log: Log; event: string; look(): Promise<void> }) {
    this.#parts = parts;
  }

  /** Resolves once the rows are known. @throws what the first look threw */
  async start(): Promise<void> {
    const { database, clock, log, event, look } = this.#parts;
    await look();
    this.#series = every(clock, LOOK_MS, look, tellFailure(database, log, event));
  }

  async stop(): Promise<void> {
    await this.#series?.stop();
  }
}
