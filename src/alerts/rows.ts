import { DAY_MS } from "../kernel/index.ts";
import type { Queryable } from "../store/index.ts";
import type { Alert, Telling } from "./alert.ts";

/** One open row per key. @returns the id of a new one; null: it was open already. */
export async function openAlert(tx: Queryable, alert: Alert): Promise<number | null> {
  const [row] = await tx.query<{ alert_id: string | number }>(
    `INSERT INTO alerts (key, kind, severity, provider, scope, sentence, numbers, raised_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (key) WHERE resolved_at IS NULL DO NOTHING RETURNING alert_id`,
    [
      alert.key,
      alert.kind,
      alert.severity,
      alert.provider,
      alert.scope,
      alert.sentence,
      alert.numbers,
      new Date(alert.at),
    ],
  );
  return row ? Number(row.alert_id) : null;
}

/** @returns the ended alert; null: none of this key was open. */
export async function closeAlert(
  tx: Queryable,
  key: string,
  at: number,
): Promise<{ id: number; severity: Alert["severity"] } | null> {
  const [row] = await tx.query<{ alert_id: string | number; severity: Alert["severity"] }>(
    "UPDATE alerts SET resolved_at = $2 WHERE key = $1 AND resolved_at IS NULL RETURNING alert_id, severity",
    [key, new Date(at)],
  );
  return row ? { id: Number(row.alert_id), severity: row.severity } : null;
}

export async function planTellings(
  tx: Queryable,
  alertId: number,
  telling: Telling,
  targets: readonly string[],
  dueAt: number,
): Promise<void> {
  await tx.query(
    `INSERT INTO alert_deliveries (alert_id, target, telling, state, due_at)
     SELECT $1, target, $2, 'waiting', $4 FROM unnest($3::text[]) AS target ON CONFLICT DO NOTHING`,
    [alertId, telling, targets, new Date(dueAt)],
  );
}

export type DueTelling = { alertId: number; target: string; telling: Telling; tries: number; alert: Alert };

/**
 * Due tellings, leased until `leasedUntil`: `due_at` itself is the lease, so nothing is left of a node that was killed.
 * That it is over is told only after that it began: a receiver knows nothing to close otherwise.
 */
export async function leaseTellings(
  database: Queryable,
  now: number,
  leasedUntil: number,
  limit: number,
): Promise<DueTelling[]> {
  const rows = await database.query<{
    alert_id: string | number;
    target: string;
    telling: Telling;
    tries: number;
    key: string;
    kind: string;
    severity: Alert["severity"];
    provider: string | null;
    scope: string;
    sentence: string;
    numbers: Alert["numbers"];
    raised_at: Date | number;
  }>(
    `WITH due AS MATERIALIZED (
       SELECT alert_id, target, telling FROM alert_deliveries d WHERE state = 'waiting' AND due_at <= $1
         AND (telling = 'raised' OR NOT EXISTS (SELECT FROM alert_deliveries r WHERE r.alert_id = d.alert_id
           AND r.target = d.target AND r.telling = 'raised' AND r.state = 'waiting'))
       ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
     UPDATE alert_deliveries d SET due_at = $2, tries = d.tries + 1 FROM due, alerts a
     WHERE d.alert_id = due.alert_id AND d.target = due.target AND d.telling = due.telling AND a.alert_id = d.alert_id
     RETURNING d.alert_id, d.target, d.telling, d.tries, a.key, a.kind, a.severity, a.provider, a.scope, a.sentence, a.numbers, a.raised_at`,
    [new Date(now), new Date(leasedUntil), limit],
  );
  return rows.map(({ alert_id, target, telling, tries, raised_at, ...alert }) => ({
    alertId: Number(alert_id),
    target,
    telling,
    tries,
    alert: { ...alert, at: Number(raised_at) },
  }));
}

/** @param tries the fence: whoever leased it later has a higher number, and decides. */
export async function settleTelling(
  database: Queryable,
  { alertId, target, telling, tries }: Pick<DueTelling, "alertId" | "target" | "telling" | "tries">,
  end: { state: "delivered" | "gave-up"; error: string | null } | { state: "waiting"; error: string; dueAt: number },
): Promise<void> {
  await database.query(
    `UPDATE alert_deliveries SET state = $5, last_error = $6, due_at = coalesce($7, due_at)
     WHERE alert_id = $1 AND target = $2 AND telling = $3 AND tries = $4 AND state = 'waiting'`,
    [alertId, target, telling, tries, end.state, end.error, "dueAt" in end ? new Date(end.dueAt) : null],
  );
}

const KEPT_MS = 400 * DAY_MS;

/** Forgets what ended long ago. @returns rows deleted. */
export async function sweepAlerts(database: Queryable, now: number): Promise<number> {
  const gone = await database.query(
    `WITH old AS (DELETE FROM alerts WHERE alert_id IN (SELECT alert_id FROM alerts WHERE resolved_at <= $1 LIMIT 500) RETURNING alert_id)
     DELETE FROM alert_deliveries d USING old WHERE d.alert_id = old.alert_id RETURNING 1`,
    [new Date(now - KEPT_MS)],
  );
  return gone.length;
}
