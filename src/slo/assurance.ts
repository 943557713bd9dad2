import type { Settings } from "../config/index.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../kernel/index.ts";
import { loadStandings } from "../standing/index.ts";
import type { Standing, State } from "../judge/index.ts";
import type { Queryable } from "../store/index.ts";
import { type CountRow, type Counts, type Place, add, noCounts } from "./counts.ts";
import { minuteOf } from "./due-minutes.ts";
import { edgeIndex } from "./edges.ts";
import { type Percentiles, nothingWithin, percentile, percentiles, sum } from "./histogram.ts";
import { COUNT_COLUMNS } from "./minute-rows.ts";
import { type StreamObjective, objectivesOf } from "./objective-of.ts";
import { type Placement, placementsOf } from "./placements.ts";
import { type Kept, type KeptStream, keptOf } from "./shares.ts";

/** How long mail took, of what got there. Milliseconds. */
export type Latencies = { handedOff: Percentiles; confirmed: Percentiles; leg: Percentiles };
export type Counted = Pick<Counts, "accepted" | "handedOff" | "confirmed" | "failed" | "expired"> & {
  latencies: Latencies;
};
/**
 * One minute or hour of a curve: how much was taken, how much of it was there (by its provider's measure), within what time.
 * `inTime`: within the objective's; null where there is no single objective.
 */
export type Point = {
  at: number;
  accepted: number;
  there: number;
  inTime: number | null;
  p50: number | null;
  p95: number | null;
};
type Measured = { hour: Counted; day: Counted; minutes: Point[]; hours: Point[] };

export type StreamAssurance = StreamObjective &
  Measured & { kept: KeptStream["whole"]; providers: { provider: string; kept: Kept; day: Counted }[] };
export type ProviderAssurance = Measured & {
  provider: string;
  /** Null: nothing was ever found of it. */
  standing: Standing | null;
  /** How it stood within the last day, from the oldest on. */
  states: StateSpan[];
  /** Streams through it that stand otherwise. */
  streams: { tenant: string; stream: string; standing: Standing }[];
  /** Where its canaries of the last day went, by receiver. */
  canaries: Placement[];
};
export type StateSpan = { from: number; state: State };
export type Assurance = {
  at: number;
  /** The newest minute that was counted; null: none was. */
  countedAt: number | null;
  streams: StreamAssurance[];
  providers: ProviderAssurance[];
};

/** What is younger is not told of yet: percentiles of it would be those of the fastest. */
const YOUNG_MS = 2 * MINUTE_MS;

/** Of providers the names. */
export type AssuranceSettings = Pick<Settings, "tenants" | "slo"> & { providers: readonly { name: string }[] };

type Timed = CountRow & { at: number };

/** Some thousand rows of counts: an hour of minutes, a day of hours, a month for the budgets. */
export async function readAssurance(
  database: Queryable,
  settings: AssuranceSettings,
  /** Null: of all. */
  tenant: string | null,
  now: number,
): Promise<Assurance> {
  const { tenants, providers } = settings;
  const until = minuteOf(now - YOUNG_MS);
  const minutes = await rowsOf(database, "minute", until - HOUR_MS, until, tenant);
  const hours = await rowsOf(database, "hour", now - DAY_MS, now, tenant);
  const own = objectivesOf(tenants, settings.slo.objectives).filter((one) => tenant === null || one.tenant === tenant);
  const kept = await keptOf(database, own, now);
  const [last] = await database.query<{ at: number | null }>("SELECT max(minute) AS at FROM slo_counted");
  const standings = await loadStandings(database);
  const changes = await database.query<StateChange>(CHANGES, [new Date(now - DAY_MS)]);
  const placements = await placementsOf(database, now - DAY_MS, tenant);

  const measured = (isOf: (place: Place) => boolean, edge: number | null): Measured => {
    const ofHour = minutes.filter(isOf);
    const ofDay = hours.filter(isOf);
    return {
      hour: countedOf(ofHour),
      day: countedOf(ofDay),
      minutes: curve(ofHour, edge, spans(until - HOUR_MS, until, MINUTE_MS)),
      hours: curve(ofDay, edge, spans(Math.ceil((now - DAY_MS) / HOUR_MS) * HOUR_MS, now, HOUR_MS)),
    };
  };
  const usable = new Set(
    tenants
      .filter(({ name }) => tenant === null || name === tenant)
      .flatMap(({ routes }) => Object.values(routes).flatMap(({ prefer, standby }) => [...prefer, ...standby])),
  );
  return {
    at: now,
    countedAt: last?.at ?? null,
    streams: kept.map(({ whole, providers: byProvider, ...about }) => {
      const isOf = (row: Place) => row.tenant === about.tenant && row.stream === about.stream;
      return {
        ...about,
        ...measured(isOf, edgeIndex(about.objective.withinMs)),
        kept: whole,
        providers: [...byProvider].map(([provider, one]) => ({
          provider,
          kept: one,
          day: countedOf(hours.filter((row) => isOf(row) && row.provider === provider)),
        })),
      };
    }),
    providers: providers
      .filter(({ name }) => usable.has(name))
      .map(({ name }) => ({
        provider: name,
        standing: standings.find((one) => one.provider === name && one.scope === "")?.standing ?? null,
        states: statesOf(
          changes.filter(({ provider }) => provider === name),
          now - DAY_MS,
          standings.find((one) => one.provider === name && one.scope === "")?.standing.state ?? "HEALTHY",
        ),
        streams: standings.flatMap(({ provider, scope, standing }) => {
          const [owner = "", stream = ""] = scope.split("/");
          const isShown = provider === name && scope !== "" && standing.state !== "HEALTHY";
          return isShown && (tenant === null || owner === tenant) ? [{ tenant: owner, stream, standing }] : [];
        }),
        ...measured((row) => row.provider === name, null),
        canaries: placements.filter(({ provider }) => provider === name),
      })),
  };
}

/** A few rows: verdicts are rare. */
const CHANGES = `SELECT provider, from_state AS "from", to_state AS "to", at FROM standing_changes WHERE scope = '' AND at >= $1 ORDER BY change_id`;
type StateChange = { provider: string; from: State; to: State; at: number };

const statesOf = (changes: readonly StateChange[], since: number, present: State): StateSpan[] => [
  { from: since, state: changes[0]?.from ?? present },
  ...changes.filter(({ from, to }) => from !== to).map(({ at, to }) => ({ from: at, state: to })),
];

/** Index: the primary keys, by time. */
async function rowsOf(
  database: Queryable,
  unit: "minute" | "hour",
  from: number,
  to: number,
  tenant: string | null,
): Promise<Timed[]> {
  return database.query<Timed>(
    `SELECT ${unit} AS at, ${COUNT_COLUMNS} FROM slo_${unit}s WHERE ${unit} >= $1 AND ${unit} < $2 AND ($3::text IS NULL OR tenant = $3)`,
    [new Date(from), new Date(to), tenant],
  );
}

const total = (rows: readonly Counts[]): Counts => rows.reduce<Counts>(add, noCounts());

function countedOf(rows: readonly Counts[]): Counted {
  const { accepted, handedOff, confirmed, failed, expired, ...within } = total(rows);
  return {
    accepted,
    handedOff,
    confirmed,
    failed,
    expired,
    latencies: {
      handedOff: percentiles(within.handedOffWithin, handedOff),
      confirmed: percentiles(within.confirmedWithin, confirmed),
      leg: percentiles(within.legWithin, confirmed),
    },
  };
}

const spans = (from: number, to: number, stepMs: number): number[] =>
  Array.from({ length: Math.max(0, Math.ceil((to - from) / stepMs)) }, (_, n) => from + n * stepMs);

function curve(rows: readonly Timed[], edge: number | null, instants: readonly number[]): Point[] {
  const byInstant = new Map<number, Timed[]>();
  for (const row of rows) byInstant.set(row.at, [...(byInstant.get(row.at) ?? []), row]);
  return instants.map((at) => {
    const own = byInstant.get(at) ?? [];
    const there = own.reduce((n, row) => n + (row.measure === "confirmed" ? row.confirmed : row.handedOff), 0);
    const within = own.reduce(
      (counts, row) => sum(counts, row.measure === "confirmed" ? row.confirmedWithin : row.handedOffWithin),
      nothingWithin(),
    );
    return {
      at,
      accepted: own.reduce((count, row) => count + row.accepted, 0),
      there,
      inTime: edge === null ? null : within[edge]!,
      p50: percentile(within, there, 0.5),
      p95: percentile(within, there, 0.95),
    };
  });
}
