import { DAY_MS, MINUTE_MS } from "../../kernel/index.ts";
import { type Lane, type Statement, instantArray, textArray } from "../../store/index.ts";

/** A provider that has told nothing for this long does not tell: what is handed to it cannot be missed. */
const MUTE_AFTER_MS = 7 * DAY_MS;

const LOAD: Statement = { name: "load-signs", text: "SELECT provider, event_at FROM provider_signs" };
/** Before there was a row: has its webhook ever been heard? Index: the primary key's first column. */
const HEARD: Statement = {
  name: "heard-of",
  text: "SELECT p FROM unnest($1::text[]) p WHERE EXISTS (SELECT FROM seen_notices n WHERE n.provider = p)",
};
const SAVE: Statement = {
  name: "save-signs",
  text: `INSERT INTO provider_signs (provider, event_at) SELECT * FROM unnest($1::text[], $2::timestamptz[])
    ON CONFLICT (provider) DO UPDATE SET event_at = greatest(provider_signs.event_at, excluded.event_at)`,
};

/**
 * When each provider last told of mail. Only the silence of one that tells is evidence: of the others nothing is ever
 * confirmed, and their mail is not handed to the judge at all.
 */
export class Signs {
  readonly #at = new Map<string, number>();
  #savedAt = 0;

  async load(execute: Lane["execute"], providers: readonly string[], now: number): Promise<void> {
    for (const [provider, at] of await execute(LOAD, [])) this.#at.set(provider as string, at as number);
    const unknown = providers.filter((one) => !this.#at.has(one));
    if (unknown.length === 0) return;
    for (const [provider] of await execute(HEARD, [textArray(unknown)])) this.#at.set(provider as string, now);
  }

  saw(provider: string, at: number): void {
    this.#at.set(provider, Math.max(at, this.#at.get(provider) ?? 0));
  }

  tells(provider: string, now: number): boolean {
    const at = this.#at.get(provider);
    return at !== undefined && now - at < MUTE_AFTER_MS;
  }

  /** Once a minute at most: an instant that is a minute old is as good, for a week. */
  async save(execute: Lane["execute"], now: number): Promise<void> {
    if (now - this.#savedAt < MINUTE_MS || this.#at.size === 0) return;
    this.#savedAt = now;
    const rows = [...this.#at];
    await execute(SAVE, [textArray(rows.map(([provider]) => provider)), instantArray(rows.map(([, at]) => at))]);
  }
}
