import { z } from "zod";
import { ASSUMED, type Assumed } from "../judge/index.ts";
import type { Queryable } from "../store/index.ts";

/**
 * What the own history puts in place of what is assumed; only figures that enough stands behind are there. Bounds are
 * looked at again when it is read back: nobody makes the judge deaf with a row.
 */
const FOUND = z.object({
  neverConfirmed: z.number().min(0.001).max(0.05).optional(),
  missAsUsual: z.number().min(0.005).max(0.2).optional(),
  correlation: z.number().min(0).max(0.5).optional(),
  canaryCorrelation: z.number().min(0).max(0.5).optional(),
  priorMedianMs: z.number().min(200).max(60_000).optional(),
  priorP95Ms: z.number().min(1_000).max(600_000).optional(),
});
export type Found = z.infer<typeof FOUND>;
export const FOUND_BOUNDS = {
  neverConfirmed: [0.001, 0.05],
  missAsUsual: [0.005, 0.2],
  correlation: [0, 0.5],
  canaryCorrelation: [0, 0.5],
  priorMedianMs: [200, 60_000],
  priorP95Ms: [1_000, 600_000],
} as const satisfies Record<keyof Found, readonly [number, number]>;

export type Calibration = {
  calibrationId: number;
  madeAt: number;
  operator: string;
  approvedBy: string | null;
  days: number;
  found: Found;
  /** For a second person: nothing is judged with it until then. */
  waits: boolean;
};

type Row = {
  id: string | number;
  made_at: Date | number;
  operator: string;
  approved_by: string | null;
  days: number;
  found: unknown;
  waits: boolean;
};
const COLUMNS = "calibration_id AS id, made_at, operator, approved_by, days, found, waits";

/** The newest one that waits for nobody is what verdicts are made with; null: what is assumed. 0.1 ms. */
export async function newestCalibration(database: Queryable): Promise<Calibration | null> {
  const [row] = await database.query<Row>(
    `SELECT ${COLUMNS} FROM calibrations WHERE NOT waits ORDER BY calibration_id DESC LIMIT 1`,
  );
  return row ? calibrationOf(row) : null;
}

/** The newest of all, where it waits for a second person. */
export async function waitingCalibration(database: Queryable): Promise<Calibration | null> {
  const [row] = await database.query<Row>(`SELECT ${COLUMNS} FROM calibrations ORDER BY calibration_id DESC LIMIT 1`);
  return row?.waits ? calibrationOf(row) : null;
}

/** @returns false where it did not wait */
export async function approveCalibration(tx: Queryable, calibrationId: number, approvedBy: string): Promise<boolean> {
  const rows = await tx.query(
    `UPDATE calibrations SET waits = false, approved_by = $2 WHERE calibration_id = $1 AND waits
       AND NOT EXISTS (SELECT FROM calibrations n WHERE n.calibration_id > $1) RETURNING 1`,
    [calibrationId, approvedBy],
  );
  return rows.length > 0;
}

function calibrationOf(row: Row): Calibration {
  return {
    calibrationId: Number(row.id),
    madeAt: typeof row.made_at === "number" ? row.made_at : row.made_at.getTime(),
    operator: row.operator,
    approvedBy: row.approved_by,
    days: row.days,
    found: FOUND.parse(row.found),
    waits: row.waits,
  };
}

export async function insertCalibration(
  tx: Queryable,
  { madeAt, operator, approvedBy, days, found, waits }: Omit<Calibration, "calibrationId">,
): Promise<number> {
  const [row] = await tx.query<{ id: string | number }>(
    `INSERT INTO calibrations (made_at, operator, approved_by, days, found, waits) VALUES ($1, $2, $3, $4, $5, $6)
     RETURNING calibration_id AS id`,
    [new Date(madeAt), operator, approvedBy, days, FOUND.parse(found), waits],
  );
  return Number(row!.id);
}

/** What the judge assumes, with what was found in its place. */
export const assumedWith = (found: Found, assumed: Assumed = ASSUMED): Assumed => ({
  ...assumed,
  neverConfirmed: found.neverConfirmed ?? assumed.neverConfirmed,
  correlation: found.correlation ?? assumed.correlation,
  canaryCorrelation: found.canaryCorrelation ?? assumed.canaryCorrelation,
  loss: { ...assumed.loss, missAsUsual: found.missAsUsual ?? assumed.loss.missAsUsual },
  latency: {
    ...assumed.latency,
    priorMedianMs: found.priorMedianMs ?? assumed.latency.priorMedianMs,
    priorP95Ms: found.priorP95Ms ?? assumed.latency.priorP95Ms,
  },
});
