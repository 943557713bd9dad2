import type { State } from "../judge/index.ts";
import type { Queryable } from "../store/index.ts";
import { DRILL_BOUNDS } from "./bounds.ts";
import type { GuardFacts } from "./guard.ts";
import { standInsOf } from "./plan.ts";
import type { Drill } from "./rows.ts";

/**
 * Critical mail that waits, by queue_due (class, due_at); a thousand rows at most, for one that waits too long is enough.
 * Mail from before the drill is none of its doing.
 */
const OLDEST = `
  SELECT extract(epoch FROM min(since)) * 1000 AS oldest FROM (
    SELECT greatest(m.accepted_at, m.send_at) AS since FROM queue q JOIN messages m USING (spool_id)
    WHERE q.state = 'queued' AND q.class = ANY('{0,1,2}') AND greatest(m.accepted_at, m.send_at) BETWEEN $1 AND $2
    LIMIT 1000) waiting`;

/** By attempts_by_end: the pages of the last minute, five thousand answers at most. */
const ANSWERS = `
  SELECT count(*)::int AS answers, (count(*) FILTER (WHERE outcome = 'deferred'))::int AS deferred,
    (count(*) FILTER (WHERE outcome IN ('rejected', 'held')))::int AS rejected
  FROM (SELECT outcome FROM attempts WHERE settled_at > $1 AND provider = ANY($2) LIMIT 5000) recent`;

export async function guardFacts(
  database: Queryable,
  drill: Drill,
  now: number,
  stateOf: (provider: string) => State,
  burn: GuardFacts["burn"],
): Promise<GuardFacts> {
  const standIns = standInsOf(drill.plan);
  const since = Math.max(drill.startedAt, now - DRILL_BOUNDS.guardWindowMs);
  const [oldest] = await database.query<{ oldest: string | number | null }>(OLDEST, [
    new Date(drill.startedAt),
    new Date(now),
  ]);
  const [answers] = await database.query<{ answers: number; deferred: number; rejected: number }>(ANSWERS, [
    new Date(since),
    standIns,
  ]);
  return {
    now,
    standIns: standIns.map((provider) => ({ provider, state: stateOf(provider) })),
    oldestCriticalMs: (oldest?.oldest ?? null) === null ? null : now - Number(oldest!.oldest),
    ...answers!,
    burn,
  };
}
