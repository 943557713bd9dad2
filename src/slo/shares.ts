import { DAY_MS, HOUR_MS } from "../kernel/index.ts";
import type { Queryable } from "../store/index.ts";
import { type Share, WINDOWS, WINDOW_MS, type Window, budgetLeft, burnAlarm, burnRate } from "./burn.ts";
import { decidedUntil } from "./due-minutes.ts";
import { edgeIndex } from "./edges.ts";
import type { StreamObjective } from "./objective-of.ts";

/** How one objective is kept, over all providers or of what one of them took first. */
export type Kept = {
  /** Over the objective's whole window. */
  share: Share;
  /** 1: untouched, 0: spent, below: overspent. */
  budgetLeft: number;
  recent: Record<Window, Share>;
  burn: Record<Window, number>;
};
export type KeptStream = StreamObjective & {
  whole: Kept & { alarm: ReturnType<typeof burnAlarm> };
  providers: ReadonlyMap<string, Kept>;
};

const GOOD = "CASE WHEN s.measure = 'confirmed' THEN s.confirmed_within[o.edge] ELSE s.handed_off_within[o.edge] END";
const SHORT = WINDOWS.filter((window) => WINDOW_MS[window] < DAY_MS);
const OBJECTIVES = `unnest($1::text[], $2::text[], $3::int[], $4::timestamptz[], $5::timestamptz[]) WITH ORDINALITY AS o(tenant, stream, edge, until, since, n)`;

/** Index: the primary key, whose first column is time: the last six hours, 20 at most (an objective of 12 h and the hour it began in). */
const MINUTES = `
  SELECT o.n::int AS n, s.provider,
    ${SHORT.flatMap((window) => {
      const filter = `FILTER (WHERE s.minute >= o.until - interval '${WINDOW_MS[window] / 1_000} s')`;
      return [`sum(${GOOD}) ${filter} AS "good ${window}"`, `sum(s.accepted) ${filter} AS "total ${window}"`];
    }).join(", ")},
    sum(${GOOD}) FILTER (WHERE s.minute >= date_trunc('hour', o.until, 'UTC')) AS "good rest",
    sum(s.accepted) FILTER (WHERE s.minute >= date_trunc('hour', o.until, 'UTC')) AS "total rest"
  FROM ${OBJECTIVES}
  JOIN slo_minutes s ON s.tenant = o.tenant AND s.stream = o.stream AND s.minute < o.until
    AND s.minute >= least(o.until - interval '6 hours', date_trunc('hour', o.until, 'UTC'))
  WHERE s.minute >= $6 GROUP BY 1, 2`;

/** Index: the primary key. 30 days of 50 streams through two providers: 72 000 rows. */
const HOURS = `
  SELECT o.n::int AS n, s.provider,
    sum(${GOOD}) FILTER (WHERE s.hour >= o.until - interval '3 days') AS "good 3d", sum(s.accepted) FILTER (WHERE s.hour >= o.until - interval '3 days') AS "total 3d",
    sum(${GOOD}) FILTER (WHERE s.hour >= o.since) AS "good all", sum(s.accepted) FILTER (WHERE s.hour >= o.since) AS "total all"
  FROM ${OBJECTIVES}
  JOIN slo_hours s ON s.tenant = o.tenant AND s.stream = o.stream AND s.hour < date_trunc('hour', o.until, 'UTC')
    AND s.hour >= least(o.since, o.until - interval '3 days')
  WHERE s.hour >= $6 GROUP BY 1, 2`;

type Sums = { n: number; provider: string } & Record<string, string | number | null>;

/** How each objective is kept, of mail that is decided: good in time or not. */
export async function keptOf(
  database: Queryable,
  objectives: readonly StreamObjective[],
  now: number,
): Promise<KeptStream[]> {
  if (objectives.length === 0) return [];
  const until = objectives.map(({ objective }) => decidedUntil(now, objective.withinMs));
  const since = objectives.map(({ objective }, n) => until[n]! - objective.windowMs);
  const values = [
    objectives.map(({ tenant }) => tenant),
    objectives.map(({ stream }) => stream),
    objectives.map(({ objective }) => edgeIndex(objective.withinMs) + 1),
    until.map((at) => new Date(at)),
    since.map((at) => new Date(at)),
  ];
  const minutes = await database.query<Sums>(MINUTES, [...values, new Date(Math.min(...until) - 6 * HOUR_MS)]);
  const longest = Math.min(...since, ...until.map((at) => at - WINDOW_MS["3d"]));
  const hours = await database.query<Sums>(HOURS, [...values, new Date(longest)]);
  return objectives.map((one, n) => {
    const names = [...new Set([...minutes, ...hours].flatMap((row) => (row.n === n + 1 ? [row.provider] : [])))];
    const sumsOf = (provider: string | null): SharesBy => {
      const add = (rows: readonly Sums[], name: string): Share => {
        const own = rows.filter((row) => row.n === n + 1 && (provider === null || row.provider === provider));
        const total = (what: string) => own.reduce((sum, row) => sum + Number(row[`${what} ${name}`] ?? 0), 0);
        return { good: total("good"), total: total("total") };
      };
      const rest = add(minutes, "rest");
      const both = (share: Share): Share => ({ good: share.good + rest.good, total: share.total + rest.total });
      const short = Object.fromEntries(SHORT.map((window) => [window, add(minutes, window)]));
      return { ...short, "3d": both(add(hours, "3d")), all: both(add(hours, "all")) } as SharesBy;
    };
    const { target } = one.objective;
    const whole = keptBy(sumsOf(null), target);
    return {
      ...one,
      whole: { ...whole, alarm: burnAlarm(whole.burn) },
      providers: new Map(names.filter((name) => name !== "").map((name) => [name, keptBy(sumsOf(name), target)])),
    };
  });
}

type SharesBy = Record<Window | "all", Share>;
const keptBy = (shares: SharesBy, target: number): Kept => ({
  share: shares.all,
  budgetLeft: budgetLeft(shares.all, target),
  recent: Object.fromEntries(WINDOWS.map((window) => [window, shares[window]])) as Kept["recent"],
  burn: Object.fromEntries(WINDOWS.map((window) => [window, burnRate(shares[window], target)])) as Kept["burn"],
});
