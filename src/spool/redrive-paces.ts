import { HOUR_MS, MINUTE_MS } from "../kernel/index.ts";
import type { Database, Queryable } from "../store/index.ts";

/** How much a standby is given an hour while it carries another provider's mail, all nodes together. */
export type Pace = {
  provider: string;
  /** Whose mail: "harbour", or of one stream only: "harbour acme/alerts". */
  insteadOf: string[];
  state: "ramping" | "stopped";
  allowancePerHour: number;
  /** Of routine mail (C3): what critical mail leaves of the allowance. */
  routinePerHour: number;
  /** Of critical mail (C2). */
  criticalPerHour: number;
  /** The standby's best hour of the week before, and of those since. */
  peakPerHour: number;
  /** Share of tries that receivers put off. */
  deferred: number;
  beganAt: number;
  /** Milliseconds since the epoch: when the allowance was last changed. */
  stepAt: number;
  countedAt: number;
};

/**
 * From one hour to the next. Receivers take about twice of what they know; a fifth of it is left to chance, as each receiver has its
 * own count, and to secrets and notices, which never wait.
 */
export const PACE_GROWTH = 1.6;

const COLUMNS = `provider, instead_of AS "insteadOf", state, allowance_per_hour AS "allowancePerHour", routine_per_hour AS "routinePerHour",
  critical_per_hour AS "criticalPerHour", peak_per_hour AS "peakPerHour", deferred, began_at AS "beganAt", step_at AS "stepAt", counted_at AS "countedAt"`;

/** Usually there is none; else the rows as they are, and how many nodes share them. */
export const PACES_VERSION =
  "SELECT string_agg(p::text, ' ' ORDER BY provider) || (SELECT count(*) FROM nodes) FROM provider_paces p";

/** Usually none; read by every node when it changes, with how many nodes there are. */
export async function loadPaces(database: Queryable): Promise<{ paces: Pace[]; nodes: number }> {
  const paces = await database.query<Pace>(`SELECT ${COLUMNS} FROM provider_paces`);
  if (paces.length === 0) return { paces, nodes: 1 };
  const [row] = await database.query<{ n: number }>("SELECT count(*)::int AS n FROM nodes");
  return { paces, nodes: Math.max(1, row?.n ?? 1) };
}

export async function savePace(database: Queryable, pace: Pace): Promise<void> {
  await database.query(
    `INSERT INTO provider_paces (provider, instead_of, state, allowance_per_hour, routine_per_hour, critical_per_hour, peak_per_hour, deferred, began_at, step_at, counted_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     ON CONFLICT (provider) DO UPDATE SET instead_of = excluded.instead_of, state = excluded.state, allowance_per_hour = excluded.allowance_per_hour,
       routine_per_hour = excluded.routine_per_hour, critical_per_hour = excluded.critical_per_hour, peak_per_hour = excluded.peak_per_hour, deferred = excluded.deferred,
       step_at = excluded.step_at, counted_at = excluded.counted_at`,
    [
      pace.provider,
      pace.insteadOf,
      pace.state,
      pace.allowancePerHour,
      pace.routinePerHour,
      pace.criticalPerHour,
      pace.peakPerHour,
      pace.deferred,
      new Date(pace.beganAt),
      new Date(pace.stepAt),
      new Date(pace.countedAt),
    ],
  );
}

export async function deletePace(database: Queryable, provider: string): Promise<void> {
  await database.query("DELETE FROM provider_paces WHERE provider = $1", [provider]);
}

const WEEK = "7 days";

/** The best hour of the week before, counted from hourly sums where there are any; tries of a week are many rows. */
export async function peakHourOf(
  database: Pick<Database, "questions">,
  provider: string,
  now: number,
): Promise<number> {
  const { questions } = database;
  const [sums] = await questions.query<{ peak: number | null }>(
    `SELECT max(n)::int AS peak FROM (SELECT sum(handed_off) AS n FROM slo_hours
     WHERE provider = $1 AND hour >= $2::timestamptz - interval '${WEEK}' GROUP BY hour) hours`,
    [provider, new Date(now)],
  );
  if (sums?.peak) return sums.peak;
  const [tries] = await questions.query<{ peak: number | null }>(
    `SELECT max(n)::int AS peak FROM (SELECT count(*) AS n FROM attempts
     WHERE provider = $1 AND settled_at >= $2::timestamptz - interval '${WEEK}' AND settled_at < $2 AND outcome = 'accepted'
     GROUP BY date_bin('1 hour', settled_at, $2::timestamptz)) hours`,
    [provider, new Date(now)],
  );
  return tries?.peak ?? 0;
}

export type PaceCount = { tries: number; deferred: number; critical: number; criticalWaiting: number };

/** What a standby did since an instant; put off counts what was handed off since, not what is tried for the third time. Index: attempts_by_end, message_events_by_time. Asked once a minute while there is a pace. */
export async function countPace(
  { questions }: Pick<Database, "questions">,
  provider: string,
  since: number,
): Promise<PaceCount> {
  const values = [provider, new Date(since)];
  const [tried] = await questions.query<{ tries: number; deferred: number; critical: number }>(
    `SELECT count(*)::int AS tries, (count(*) FILTER (WHERE a.outcome = 'deferred'))::int AS deferred,
       (count(*) FILTER (WHERE a.outcome = 'accepted' AND m.class <= 2))::int AS critical
     FROM attempts a JOIN messages m USING (spool_id) WHERE a.provider = $1 AND a.settled_at > $2`,
    values,
  );
  const [told] = await questions.query<{ n: number }>(
    `SELECT count(DISTINCT e.spool_id)::int AS n FROM message_events e JOIN attempts a USING (spool_id)
     WHERE e.at > $2 AND e.kind = 'message.delayed' AND e.detail ->> 'provider' = $1
       AND a.provider = $1 AND a.settled_at > $2 AND a.outcome = 'accepted'`,
    values,
  );
  const [waits] = await questions.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM queue WHERE state = 'queued' AND class = 2",
  );
  const { tries = 0, deferred = 0, critical = 0 } = tried ?? {};
  return { tries, deferred: deferred + (told?.n ?? 0), critical, criticalWaiting: waits?.n ?? 0 };
}

/** Messages a standby took since an instant. Index: attempts_by_end. */
export async function takenSince(
  { questions }: Pick<Database, "questions">,
  provider: string,
  since: number,
): Promise<number> {
  const [row] = await questions.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM attempts WHERE provider = $1 AND settled_at > $2 AND outcome = 'accepted'",
    [provider, new Date(since)],
  );
  return row?.n ?? 0;
}

/** Of a line's beginning, what goes within so long is put into order at once, and no more messages than that. */
const CLOSED_UP_MS = 2 * MINUTE_MS;
const CLOSED_UP_AT_ONCE = 5_000;

/**
 * Closes the gaps at the head of a line: turns were handed out as the allowance was foreseen, and it came otherwise. The
 * n-th that waits is due after n times the time that one takes, or sooner. Not what was scheduled, nor what the provider
 * put off within the hour.
 * @param streams "tenant/stream" @returns how many were brought forward
 */
export async function closeUpPaced(
  database: Queryable,
  streams: readonly string[],
  perHour: number,
  now: number,
): Promise<number> {
  const eachMs = HOUR_MS / Math.max(1, perHour);
  const most = Math.min(CLOSED_UP_AT_ONCE, Math.max(1, Math.round(CLOSED_UP_MS / eachMs)));
  const rows = await database.query(
    `UPDATE queue q SET due_at = line.turn, fence = q.fence + 1 FROM (
       SELECT spool_id, due_at, $1::timestamptz + row_number() OVER (ORDER BY due_at) * $3::float8 * interval '1 ms' AS turn FROM (
         SELECT w.spool_id, w.due_at FROM queue w JOIN messages m USING (spool_id)
         WHERE w.state = 'queued' AND w.class = 3 AND (m.send_at IS NULL OR m.send_at <= $1) AND m.tenant || '/' || m.stream = ANY($2)
           AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.spool_id = w.spool_id AND a.outcome = 'deferred'
             AND a.settled_at > $1::timestamptz - interval '1 hour')
         ORDER BY w.due_at LIMIT ${most} FOR UPDATE OF w SKIP LOCKED) head) line
     WHERE q.spool_id = line.spool_id AND line.due_at > line.turn + interval '1 s' RETURNING 1`,
    [new Date(now), streams, eachMs],
  );
  return rows.length;
}

export const HASTENED_AT_ONCE = 500;

/**
 * Routine mail that was given a later turn is due now: nobody has to be spared any more. Not what was scheduled.
 * @param streams "tenant/stream" @returns how many; HASTENED_AT_ONCE: there may be more
 */
export async function hastenPaced(database: Queryable, streams: readonly string[], now: number): Promise<number> {
  const rows = await database.query(
    `UPDATE queue q SET due_at = $1, fence = q.fence + 1 FROM (
       SELECT w.spool_id FROM queue w JOIN messages m USING (spool_id)
       WHERE w.state = 'queued' AND w.class IN (3, 4) AND w.due_at > $1::timestamptz + interval '5 s'
         AND (m.send_at IS NULL OR m.send_at <= $1) AND m.tenant || '/' || m.stream = ANY($2)
       ORDER BY w.due_at LIMIT ${HASTENED_AT_ONCE} FOR UPDATE OF w SKIP LOCKED) late
     WHERE q.spool_id = late.spool_id RETURNING 1`,
    [new Date(now), streams],
  );
  return rows.length;
}
