import { z } from "zod";
import { STATES, type Standing, type State } from "../judge/index.ts";
import type { Queryable } from "../store/index.ts";

/** How a provider stands (`scope` ""), or one stream through it ("tenant/stream"). */
export type StandingRow = { provider: string; scope: string; standing: Standing; changeId: number };

/** One step of it: a new state, or a step of the way back within one. */
export type StandingChange = { provider: string; scope: string; from: State; standing: Standing };

const NUMBERS = z.record(z.string(), z.union([z.number(), z.string()]));
/** What the judge wrote; checked again when it is read back. */
const STANDING = z.object({
  state: z.enum(STATES),
  since: z.number(),
  because: z.object({ kind: z.string(), numbers: NUMBERS, sentence: z.string() }),
  dwellMs: z.number(),
  healthyAt: z.number().nullable(),
  downsAt: z.array(z.number()),
  step: z.number().int().min(0),
  stepAt: z.number(),
  verdictAt: z.number().nullable(),
});

/** Another one with every change: each gives its row a higher number, and no row goes. */
export const STANDINGS_VERSION = "SELECT sum(change_id) FROM provider_standings";

/** A few rows: providers, and the streams something was found of. 0.1 ms. */
export async function loadStandings(database: Queryable): Promise<StandingRow[]> {
  const rows = await database.query<{ provider: string; scope: string; standing: unknown; change_id: string | number }>(
    "SELECT provider, scope, standing, change_id FROM provider_standings",
  );
  return rows.map(({ provider, scope, standing, change_id }) => ({
    provider,
    scope,
    standing: STANDING.parse(standing) as Standing,
    changeId: Number(change_id),
  }));
}

const SAVE = `
  WITH change AS (
    INSERT INTO standing_changes (provider, scope, from_state, to_state, at, because)
    SELECT $1, $2, $3, $4, $5, $6
    WHERE coalesce((SELECT change_id FROM provider_standings WHERE provider = $1 AND scope = $2 FOR UPDATE), 0) = $9
    RETURNING change_id)
  INSERT INTO provider_standings (provider, scope, state, since, standing, change_id)
  SELECT $1, $2, $4, $7, $8, change_id FROM change
  ON CONFLICT (provider, scope) DO UPDATE SET state = excluded.state, since = excluded.since,
    standing = excluded.standing, change_id = excluded.change_id
  WHERE provider_standings.change_id = $9
  RETURNING change_id`;

/**
 * Writes a change after the one the caller knew as the last (`after`, 0: none).
 * @returns the change's id; null where another one was made meanwhile: the caller no longer leads, or must load first.
 */
export async function saveStanding(
  database: Queryable,
  { provider, scope, from, standing }: StandingChange,
  at: number,
  after: number,
): Promise<number | null> {
  const { state, since, because } = standing;
  const [row] = await database.query<{ change_id: string | number }>(SAVE, [
    provider,
    scope,
    from,
    state,
    new Date(at),
    because,
    new Date(since),
    standing,
    after,
  ]);
  return row ? Number(row.change_id) : null;
}

export type KeptChange = {
  changeId: number;
  provider: string;
  scope: string;
  from: State;
  to: State;
  at: number;
  because: Standing["because"];
};

/** The latest first. @param provider null: of all */
export async function changesOf(database: Queryable, provider: string | null, limit: number): Promise<KeptChange[]> {
  const rows = await database.query<{
    change_id: string | number;
    provider: string;
    scope: string;
    from_state: State;
    to_state: State;
    at: number;
    because: unknown;
  }>(
    `SELECT change_id, provider, scope, from_state, to_state, at, because FROM standing_changes
     WHERE $1::text IS NULL OR provider = $1 ORDER BY change_id DESC LIMIT $2`,
    [provider, limit],
  );
  return rows.map((row) => ({
    changeId: Number(row.change_id),
    provider: row.provider,
    scope: row.scope,
    from: row.from_state,
    to: row.to_state,
    at: row.at,
    because: STANDING.shape.because.parse(row.because) as Standing["because"],
  }));
}
