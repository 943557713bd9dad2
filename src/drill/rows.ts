import { z } from "zod";
import type { Queryable } from "../store/index.ts";
import { MESSAGE_CLASSES } from "../mail/index.ts";
import type { DrillOrder, DrillPlan } from "./plan.ts";
import { REPORT, type DrillReport } from "./report-shape.ts";

/** A drill as its row has it. Instants are milliseconds since the epoch. */
export type Drill = {
  drillId: number;
  provider: string;
  streams: readonly string[] | null;
  share: number;
  operator: string;
  reason: string;
  plan: DrillPlan;
  startedAt: number;
  untilAt: number;
  stopAskedBy: string | null;
  stopAskedAt: number | null;
  endedAt: number | null;
  endedBy: string | null;
  endedBecause: string | null;
  numbers: Numbers | null;
  report: DrillReport | null;
};
export type Numbers = Readonly<Record<string, number | string>>;
/** Why it ended: at its time, by a person, or a code of the guard. */
export type DrillEnd = { by: string; because: string; numbers: Numbers };

const PLAN = z.object({
  moves: z.array(
    z.object({
      tenant: z.string(),
      stream: z.string(),
      class: z.enum(MESSAGE_CLASSES),
      to: z.string().nullable(),
      others: z.array(z.string()),
    }),
  ),
});
const NUMBERS = z.record(z.string(), z.union([z.number(), z.string()]));

type Row = {
  drill_id: string | number;
  provider: string;
  streams: string[] | null;
  share: number;
  operator: string;
  reason: string;
  plan: unknown;
  started_at: Date | number;
  until_at: Date | number;
  stop_asked_by: string | null;
  stop_asked_at: Date | number | null;
  ended_at: Date | number | null;
  ended_by: string | null;
  ended_because: string | null;
  numbers: unknown;
  report: unknown;
};

const msOf = (instant: Date | number): number => (typeof instant === "number" ? instant : instant.getTime());

const drillOf = (row: Row): Drill => ({
  drillId: Number(row.drill_id),
  provider: row.provider,
  streams: row.streams,
  // real has seven digits; what was asked for had at most three
  share: Number(row.share.toFixed(3)),
  operator: row.operator,
  reason: row.reason,
  plan: PLAN.parse(row.plan),
  startedAt: msOf(row.started_at),
  untilAt: msOf(row.until_at),
  stopAskedBy: row.stop_asked_by,
  stopAskedAt: row.stop_asked_at === null ? null : msOf(row.stop_asked_at),
  endedAt: row.ended_at === null ? null : msOf(row.ended_at),
  endedBy: row.ended_by,
  endedBecause: row.ended_because,
  numbers: row.numbers === null ? null : NUMBERS.parse(row.numbers),
  report: row.report === null ? null : REPORT.parse(row.report),
});

const COLUMNS =
  "drill_id, provider, streams, share, operator, reason, plan, started_at, until_at, stop_asked_by, stop_asked_at, ended_at, ended_by, ended_because, numbers, report";

/** @returns null where one is running: the unique index drills_running has the last word. */
export async function insertDrill(
  tx: Queryable,
  order: DrillOrder,
  plan: DrillPlan,
  at: number,
): Promise<Drill | null> {
  const [row] = await tx.query<Row>(
    `INSERT INTO drills (provider, streams, share, operator, reason, plan, started_at, until_at)
     SELECT $1, $2::text[], $3::real, $4, $5, $6::jsonb, $7::timestamptz, $8::timestamptz WHERE NOT EXISTS (SELECT FROM drills WHERE ended_at IS NULL)
     ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
    [
      order.provider,
      order.streams,
      order.share,
      order.operator,
      order.reason,
      plan,
      new Date(at),
      new Date(at + order.forMs),
    ],
  );
  return row ? drillOf(row) : null;
}

/** Of the drill that runs, if any does: another one when it begins, is to stop, or has ended. By drills_running. */
export const RUNNING_VERSION =
  "SELECT drill_id || ' ' || (stop_asked_by IS NOT NULL) FROM drills WHERE ended_at IS NULL";

/** By drills_running: 0.1 ms. */
export async function runningDrill(database: Queryable): Promise<Drill | null> {
  const [row] = await database.query<Row>(`SELECT ${COLUMNS} FROM drills WHERE ended_at IS NULL`);
  return row ? drillOf(row) : null;
}

export async function findDrill(database: Queryable, drillId: number): Promise<Drill | null> {
  const [row] = await database.query<Row>(`SELECT ${COLUMNS} FROM drills WHERE drill_id = $1`, [drillId]);
  return row ? drillOf(row) : null;
}

/** The latest first. */
export async function listDrills(database: Queryable, limit: number): Promise<Drill[]> {
  const rows = await database.query<Row>(`SELECT ${COLUMNS} FROM drills ORDER BY drill_id DESC LIMIT $1`, [limit]);
  return rows.map(drillOf);
}

/** Those whose report is still to be made; a drill a day makes this a handful of rows. */
export async function unreportedDrills(database: Queryable): Promise<Drill[]> {
  const rows = await database.query<Row>(
    `SELECT ${COLUMNS} FROM drills WHERE ended_at IS NOT NULL AND report IS NULL ORDER BY drill_id LIMIT 10`,
  );
  return rows.map(drillOf);
}

/** A person asks; the node that leads ends it within two seconds. @returns null where none runs, or another one than meant */
export async function askStop(
  tx: Queryable,
  drillId: number | null,
  operator: string,
  at: number,
): Promise<Drill | null> {
  const [row] = await tx.query<Row>(
    `UPDATE drills SET stop_asked_by = coalesce(stop_asked_by, $2), stop_asked_at = coalesce(stop_asked_at, $3)
     WHERE ended_at IS NULL AND ($1::bigint IS NULL OR drill_id = $1) RETURNING ${COLUMNS}`,
    [drillId, operator, new Date(at)],
  );
  return row ? drillOf(row) : null;
}

/** @returns false where somebody has ended it already. */
export async function endDrill(tx: Queryable, drillId: number, end: DrillEnd, at: number): Promise<boolean> {
  const rows = await tx.query(
    `UPDATE drills SET ended_at = $2, ended_by = $3, ended_because = $4, numbers = $5
     WHERE drill_id = $1 AND ended_at IS NULL RETURNING 1`,
    [drillId, new Date(at), end.by, end.because, end.numbers],
  );
  return rows.length > 0;
}

export const saveReport = (database: Queryable, drillId: number, report: DrillReport): Promise<unknown> =>
  database.query("UPDATE drills SET report = $2 WHERE drill_id = $1", [drillId, report]);
