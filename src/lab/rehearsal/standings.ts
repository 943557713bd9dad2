import { type State, isWithdrawn } from "../../judge/index.ts";
import { type KeptChange, changesOf } from "../../standing/index.ts";
import type { Database } from "../../store/index.ts";

const MOST = 100_000;

/** What became of standings, as rows tell it: the verdicts themselves and not what was logged of them. */
export class Standings {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** In the order they fell. */
  async changes(provider: string | null = null): Promise<KeptChange[]> {
    return (await changesOf(this.#database, provider, MOST)).toReversed();
  }

  /** When it was first found in that state, at `sinceAt` or later; null: it was not. */
  async firstAt(provider: string, state: State, sinceAt = 0, scope = ""): Promise<number | null> {
    const found = (await this.changes(provider)).find(
      (one) => one.scope === scope && one.to === state && one.from !== state && one.at >= sinceAt,
    );
    return found?.at ?? null;
  }

  async state(provider: string, scope = ""): Promise<State> {
    const [row] = await this.#database.query<{ state: State }>(
      "SELECT state FROM provider_standings WHERE provider = $1 AND scope = $2",
      [provider, scope],
    );
    return row?.state ?? "HEALTHY";
  }

  /** Mail was moved off a provider, or off it for one stream. */
  async failovers(): Promise<KeptChange[]> {
    return (await this.changes()).filter(({ from, to }) => isWithdrawn(to) && !isWithdrawn(from));
  }
}
