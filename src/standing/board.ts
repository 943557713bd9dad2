import type { Standing, Use } from "../judge/index.ts";
import type { MessageClass } from "../mail/index.ts";
import type { Database, RowWatch } from "../store/index.ts";
import { STANDINGS_VERSION, type StandingRow, loadStandings } from "./rows.ts";
import { strictest } from "./use.ts";

const YES: Use = { use: "yes" };

/**
 * What this node knows of all standings. Read for every message, so it is a map in memory; rows are read when they change.
 * While the database is away the last that was known holds: nothing can be accepted or settled then either.
 */
export class StandingBoard {
  readonly #known = new Map<string, Map<string, StandingRow>>();

  constructor({ database, watch }: { database: Database; watch: Pick<RowWatch, "add"> }) {
    const look = async (): Promise<void> => {
      for (const row of await loadStandings(database)) this.set(row);
    };
    watch.add({ version: STANDINGS_VERSION, event: "standing.not-read", look });
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
}
