import type { Queryable } from "../../store/index.ts";
import type { Alert, Telling } from "../alert.ts";

export type Told = {
  target: string;
  telling: Telling;
  state: string;
  tries: number;
  error: string | null;
  answer: string | null;
};
/** An alert as it is shown. Instants in milliseconds. */
export type ShownAlert = Alert & {
  id: number;
  acknowledgedAt: number | null;
  acknowledgedBy: string | null;
  resolvedAt: number | null;
  told: Told[];
};

const MOST_SHOWN = 100;

/** The newest first. @param which open: those that last · all: also what ended */
export async function listAlerts(database: Queryable, which: "open" | "all"): Promise<ShownAlert[]> {
  return shown(database, which === "open" ? "WHERE a.resolved_at IS NULL" : "", []);
}

/** Null: there is none of this id. */
export async function findAlert(database: Queryable, id: number): Promise<ShownAlert | null> {
  return (await shown(database, "WHERE a.alert_id = $1", [id]))[0] ?? null;
}

async function shown(database: Queryable, where: string, values: unknown[]): Promise<ShownAlert[]> {
  type Row = Omit<ShownAlert, "told"> & { told: Told[] | null };
  const rows = await database.query<Row>(
    `SELECT a.alert_id AS id, a.key, a.kind, a.severity, a.provider, a.scope, a.sentence, a.numbers, a.raised_at AS at,
       a.acknowledged_at AS "acknowledgedAt", a.acknowledged_by AS "acknowledgedBy", a.resolved_at AS "resolvedAt",
       (SELECT json_agg(json_build_object('target', d.target, 'telling', d.telling, 'state', d.state, 'tries', d.tries,
          'error', d.last_error, 'answer', d.answer) ORDER BY d.target, d.due_at) FROM alert_deliveries d WHERE d.alert_id = a.alert_id) AS told
     FROM alerts a ${where} ORDER BY a.alert_id DESC LIMIT ${MOST_SHOWN}`,
    values,
  );
  const instant = (at: unknown): number | null => (at === null ? null : Number(at));
  return rows.map((row) => ({
    ...row,
    id: Number(row.id),
    at: Number(row.at),
    acknowledgedAt: instant(row.acknowledgedAt),
    resolvedAt: instant(row.resolvedAt),
    told: row.told ?? [],
  }));
}

/** Of each severity, how many are open. Index: alerts_open. */
export async function countOpen(database: Queryable): Promise<Record<Alert["severity"], number>> {
  const rows = await database.query<{ severity: Alert["severity"]; count: number }>(
    "SELECT severity, count(*)::int AS count FROM alerts WHERE resolved_at IS NULL GROUP BY severity",
  );
  return { page: 0, notice: 0, ...Object.fromEntries(rows.map(({ severity, count }) => [severity, count])) };
}
