import type { Queryable } from "../store/index.ts";
import { windowOf } from "./bounds.ts";
import type { DrillReport, Flow, ReportWindow } from "./report-shape.ts";
import type { Drill } from "./rows.ts";

export type { DrillReport, ReportWindow } from "./report-shape.ts";

const BUCKETS = 60;
/** A drill takes effect on a node within this: what went through it until then is no leak. */
export const TAKES_EFFECT_MS = 1_500;

/** When a report is complete: the time after it is as long as the time before it. */
export const completeAt = (drill: Drill): number =>
  (drill.endedAt ?? drill.untilAt) + windowOf((drill.endedAt ?? drill.untilAt) - drill.startedAt);

/**
 * Counts from rows of attempts, by attempts_by_end: three windows of ten minutes at most beside the drill itself. Canaries are
 * nobody's mail and are left out. A person or the leader asks, once a drill.
 */
export async function reportOf(database: Queryable, drill: Drill, now: number): Promise<DrillReport> {
  const { startedAt, provider } = drill;
  const endedAt = drill.endedAt ?? Math.min(now, drill.untilAt);
  const beforeAt = startedAt - windowOf(endedAt - startedAt);
  const afterAt = Math.max(endedAt, Math.min(now, completeAt({ ...drill, endedAt })));
  const of = (fromAt: number, toAt: number) => windowReport(database, fromAt, toAt);
  return {
    before: await of(beforeAt, startedAt),
    during: await of(startedAt, endedAt),
    after: await of(endedAt, afterAt),
    ...(await speedOf(database, drill, endedAt, afterAt)),
    twice: await twiceOf(database, startedAt, afterAt),
    chart: await chartOf(database, provider, beforeAt, afterAt),
  };
}

const NOT_CANARIES = "m.tenant NOT LIKE '~%'";
const span = (fromAt: number, toAt: number): Date[] => [new Date(fromAt), new Date(toAt)];

const FLOWS = `
  SELECT a.provider, 'C' || m.class AS class, (count(*) FILTER (WHERE a.outcome = 'accepted'))::int AS accepted,
    (count(*) FILTER (WHERE a.outcome = 'deferred'))::int AS deferred,
    (count(*) FILTER (WHERE a.outcome = 'rejected'))::int AS rejected,
    (count(*) FILTER (WHERE a.outcome = 'held'))::int AS held,
    (count(*) FILTER (WHERE a.outcome = 'indeterminate'))::int AS unknown
  FROM attempts a JOIN messages m USING (spool_id)
  WHERE a.settled_at >= $1 AND a.settled_at < $2 AND ${NOT_CANARIES} GROUP BY 1, 2 ORDER BY 2, 1`;

const percentiles = (from: string): string =>
  `SELECT percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM ms) * 1000) AS ms FROM (${from}) x`;
const HANDOFF = percentiles(`
  SELECT a.settled_at - greatest(m.accepted_at, m.send_at) AS ms FROM attempts a JOIN messages m USING (spool_id)
  WHERE a.settled_at >= $1 AND a.settled_at < $2 AND a.outcome = 'accepted' AND ${NOT_CANARIES}`);
const DELIVERY = percentiles(`
  SELECT greatest(e.at - greatest(m.accepted_at, m.send_at), interval '0') AS ms FROM message_events e JOIN messages m USING (spool_id)
  WHERE e.at >= $1 AND e.at < $2 AND e.kind = 'message.delivered' AND ${NOT_CANARIES}`);

async function windowReport(database: Queryable, fromAt: number, toAt: number): Promise<ReportWindow> {
  const flows = await database.query<Flow>(FLOWS, span(fromAt, toAt));
  return {
    fromAt,
    toAt,
    flows,
    handoffMs: await threeOf(database, HANDOFF, fromAt, toAt),
    deliveryMs: await threeOf(database, DELIVERY, fromAt, toAt),
  };
}

async function threeOf(
  database: Queryable,
  statement: string,
  fromAt: number,
  toAt: number,
): Promise<ReportWindow["handoffMs"]> {
  const [row] = await database.query<{ ms: number[] | null }>(statement, span(fromAt, toAt));
  const [p50, p95, p99] = row?.ms ?? [];
  if (p50 === undefined || p95 === undefined || p99 === undefined) return null;
  return { p50: Math.round(p50), p95: Math.round(p95), p99: Math.round(p99) };
}

type Speed = Pick<DrillReport, "firstElsewhereMs" | "lastThroughItMs" | "throughItAllTheSame" | "backMs">;
const SPEED = `
  SELECT extract(epoch FROM min(a.intent_at) FILTER (WHERE a.intent_at >= $3 AND a.provider <> $5 AND a.route_reason LIKE $6)) * 1000 AS elsewhere,
    extract(epoch FROM max(a.intent_at) FILTER (WHERE a.intent_at BETWEEN $3 AND $4 AND a.provider = $5 AND meant)) * 1000 AS through,
    (count(*) FILTER (WHERE a.intent_at BETWEEN $3::timestamptz + $8::interval AND $4 AND a.provider = $5 AND meant))::int AS leaks,
    extract(epoch FROM min(a.intent_at) FILTER (WHERE a.intent_at > $4 AND a.provider = $5)) * 1000 AS back
  FROM (SELECT a.*, ($7::text[] IS NULL OR m.tenant || '/' || m.stream = ANY($7)) AS meant
    FROM attempts a JOIN messages m USING (spool_id)
    WHERE a.settled_at >= $1 AND a.settled_at < $2 AND ${NOT_CANARIES}) a`;

async function speedOf(database: Queryable, drill: Drill, endedAt: number, afterAt: number): Promise<Speed> {
  const { startedAt, provider, drillId, streams, share } = drill;
  type Row = Record<"elsewhere" | "through" | "back", string | number | null> & { leaks: number };
  const [row] = await database.query<Row>(SPEED, [
    ...span(startedAt, afterAt),
    ...span(startedAt, endedAt),
    provider,
    `%not ${likeText(provider)}: drill ${drillId}%`,
    streams,
    `${TAKES_EFFECT_MS} milliseconds`,
  ]);
  const since = (at: string | number | null | undefined, from: number): number | null =>
    (at ?? null) === null ? null : Math.max(0, Math.round(Number(at) - from));
  // Of a drill for a part of the mail the rest goes through it as it should.
  const isWhole = share >= 1;
  return {
    firstElsewhereMs: since(row?.elsewhere, startedAt),
    lastThroughItMs: isWhole ? since(row?.through, startedAt) : null,
    throughItAllTheSame: isWhole ? (row?.leaks ?? 0) : 0,
    backMs: since(row?.back, endedAt),
  };
}

const likeText = (text: string): string => text.replaceAll(/[\\%_]/g, (char) => `\\${char}`);

/** Tries for a part of the recipients are several by design: only those for all of them count. */
async function twiceOf(database: Queryable, fromAt: number, toAt: number): Promise<number> {
  const [row] = await database.query<{ twice: number }>(
    `SELECT count(*)::int AS twice FROM (
       SELECT a.spool_id FROM attempts a JOIN messages m USING (spool_id)
       WHERE a.settled_at >= $1 AND a.settled_at < $2 AND a.recipients IS NULL AND ${NOT_CANARIES}
         AND (a.outcome = 'accepted' OR a.resolved = 'taken')
       GROUP BY 1 HAVING count(*) > 1) x`,
    span(fromAt, toAt),
  );
  return row?.twice ?? 0;
}

async function chartOf(
  database: Queryable,
  provider: string,
  fromAt: number,
  toAt: number,
): Promise<DrillReport["chart"]> {
  const rows = await database.query<{ is_it: boolean; bucket: number; n: number }>(
    `SELECT a.provider = $3 AS is_it,
       width_bucket(extract(epoch FROM a.settled_at), extract(epoch FROM $1::timestamptz), extract(epoch FROM $2::timestamptz), ${BUCKETS}) - 1 AS bucket,
       count(*)::int AS n
     FROM attempts a JOIN messages m USING (spool_id)
     WHERE a.settled_at >= $1 AND a.settled_at < $2 AND a.outcome = 'accepted' AND ${NOT_CANARIES} GROUP BY 1, 2`,
    [...span(fromAt, toAt), provider],
  );
  const it = Array.from({ length: BUCKETS }, () => 0);
  const others = Array.from({ length: BUCKETS }, () => 0);
  for (const { is_it, bucket, n } of rows) (is_it ? it : others)[Math.min(BUCKETS - 1, Math.max(0, bucket))]! += n;
  return { fromAt, toAt, it, others };
}
