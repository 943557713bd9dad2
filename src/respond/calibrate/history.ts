import { HOUR_MS, DAY_MS } from "../../kernel/index.ts";
import type { Queryable } from "../../store/index.ts";
import { CANARY_TENANT } from "../evidence/hand-offs.ts";
import { groupOf } from "../evidence/receivers.ts";
import type { History } from "./fit.ts";

/** Rows that are read at most; above it whole minutes are left out, so that company stays together. */
const MOST = 100_000;
/** What is younger may still be told of. */
const SETTLED_MS = HOUR_MS;
/** Before a verdict falls mail has been lost for a while; what was handed off then says nothing of usual times. */
const BEFORE_VERDICT = "interval '10 minutes'";

const COUNT = `SELECT count(*)::int AS n FROM attempts WHERE settled_at >= $1 AND settled_at < $2 AND outcome = 'accepted'`;

/** Of each message the first recipient. Minutes are drawn by their number, a prime apart, so that no hour is preferred. */
const HAND_OFFS = `
  WITH taken AS (
    SELECT a.spool_id, a.n, a.provider, a.settled_at FROM attempts a JOIN messages m USING (spool_id)
    WHERE a.settled_at >= $1 AND a.settled_at < $2 AND a.outcome = 'accepted' AND m.tenant <> '${CANARY_TENANT}'
      AND (a.recipients IS NULL OR 0 = ANY(a.recipients))
      AND (floor(extract(epoch FROM a.settled_at) / 60)::bigint * 7919) % $3 = 0
      AND NOT EXISTS (
        SELECT FROM standing_changes c
        WHERE c.provider = a.provider AND c.scope = '' AND c.to_state <> 'HEALTHY' AND c.at <= a.settled_at + ${BEFORE_VERDICT}
          AND NOT EXISTS (
            SELECT FROM standing_changes b
            WHERE b.provider = c.provider AND b.scope = '' AND b.to_state = 'HEALTHY' AND b.change_id > c.change_id AND b.at <= a.settled_at))
    LIMIT ${MOST})
  SELECT t.provider, lower(substring(r.address FROM '@([^@]*)$')) AS domain, extract(epoch FROM t.settled_at) * 1000 AS at,
    -- greatest() of nothing and zero would be zero
    CASE WHEN min(e.at) IS NOT NULL THEN extract(epoch FROM greatest(min(e.at) - t.settled_at, interval '0')) * 1000 END AS took
  FROM taken t JOIN recipients r ON r.spool_id = t.spool_id AND r.n = 0
  LEFT JOIN message_events e ON e.spool_id = t.spool_id AND e.kind IN ('message.delivered', 'message.bounced')
    AND (e.detail ->> 'attempt')::int = t.n
  GROUP BY t.spool_id, t.n, t.provider, t.settled_at, r.address`;

const CANARIES = `
  SELECT provider, extract(epoch FROM sent_at) * 1000 AS at, result IN ('missed', 'late') AS missed FROM canaries
  WHERE kind = 'mail' AND own AND NOT burst AND sent_at >= $1 AND sent_at < $2 AND provider IS NOT NULL
    AND result IN ('arrived', 'missed', 'late') LIMIT ${MOST}`;

/** What has been within `days`, from rows. Reads some hundred thousand rows: for a person who asks. */
export async function historyOf(database: Queryable, now: number, days: number): Promise<History> {
  const span = [new Date(now - days * DAY_MS), new Date(now - SETTLED_MS)];
  const [count] = await database.query<{ n: number }>(COUNT, span);
  const everyNth = Math.max(1, Math.ceil((count?.n ?? 0) / MOST));
  const rows = await database.query<{
    provider: string;
    domain: string;
    at: string | number;
    took: string | number | null;
  }>(HAND_OFFS, [...span, everyNth]);
  const canaries = await database.query<{ provider: string; at: string | number; missed: boolean }>(CANARIES, span);
  return {
    handOffs: rows.map(({ provider, domain, at, took }) => ({
      provider,
      group: groupOf(domain ?? ""),
      at: Number(at),
      tookMs: took === null ? null : Number(took),
    })),
    canaries: canaries.map(({ provider, at, missed }) => ({ provider, at: Number(at), missed })),
  };
}
