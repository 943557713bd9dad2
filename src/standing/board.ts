import { type Clock, type Log, causeText, every } from "../kernel/index.ts";
import type { Standing, Use } from "../judge/index.ts";
import type { MessageClass } from "../mail/index.ts";
import type { Database } from "../store/index.ts";
import { type StandingRow, loadStandings } from "./rows.ts";
import { strictest } from "./use.ts";

/** A verdict is obeyed by every node a second after it fell; this leaves half of it for the commit. */
const LOOK_MS = 500;

const YES: Use = { use: "yes" };

/**
 * What this node knows of all standings. Read for every message, so it is a map in memory; rows are read twice a second.
 * While the database is away the last that was known holds: nothing can be accepted or settled then either.
 */
export class StandingBoard {
  readonly #database: Database;
  readonly #log: Log;
  readonly #clock: Clock;
  #known = new Map<string, Map<string, StandingRow>>();
  #series: { stop(): Promise<void> } | null = null;

  constructor({ database, clock, log }: { database: Database; clock: Clock; log: Log }) {
    this.#database = database;
    this.#clock = clock;
    this.#log = log;
  }

  async start(): Promise<void> {
    await this.#look();
    this.#series = every(
      this.#clock,
      LOOK_MS,
      () => this.#look(),
      (error) => this.#log[this.#database.isUp ? "warn" : "debug"]("standing.not-read", { cause: causeText(error) }),
    );
  }

  async stop(): Promise<void> {
    await this.#series?.stop();
  }

  /** May a message go there, as far as verdicts are concerned? */
  useOf(provider: string, message: { class: MessageClass; tenant: string; stream: string }): Use & { why?: string } {
    const scopes = this.#known.get(provider);
    if (!scopes) return YES;
    return strictest([scopes.get("")?.standing, scopes.get(`${message.tenant}/${message.stream}`)?.standing], message);
  }

  /** Null: nothing was ever found of it, so it is healthy. */
  standing(provider: string, scope = ""): Standing | null {
    return this.#known.get(provider)?.get(scope)?.standing ?? null;
  }

  all(): StandingRow[] {
    return [...this.#known.values()].flatMap((scopes) => [...scopes.values()]);
  }

  /** For the node that has just written it. */
  set(row: StandingRow): void {
    const scopes = this.#known.get(row.provider) ?? new Map<string, StandingRow>();
    const known = scopes.get(row.scope);
    // A look that began before this change must not take it back.
    if (!known || known.changeId <= row.changeId) scopes.set(row.scope, row);
    this.#known.set(row.provider, scopes);
  }

  async #look(): Promise<void> {
    for (const row of await loadStandings(this.#database)) this.set(row);
  }
}
