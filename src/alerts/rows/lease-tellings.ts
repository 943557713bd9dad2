import type { Queryable } from "../../store/index.ts";
import type { Alert, DueTelling, Telling } from "../alert.ts";

type Row = Omit<Alert, "at"> & {
  alertId: string | number;
  target: string;
  telling: Telling;
  tries: number;
  at: Date | number;
  toldAt: Date | number | null;
  acknowledgedBy: string | null;
};

/**
 * What is due of each target, leased until `leasedUntil`: `due_at` itself is the lease, so nothing is left of a node that
 * was killed. What follows is told after what it follows: a receiver has nothing to close before it was opened.
 * Index: alert_deliveries_by_target, one short scan per target.
 */
export async function leaseTellings(
  database: Queryable,
  targets: readonly string[],
  now: number,
  leasedUntil: number,
  perTarget: number,
): Promise<DueTelling[]> {
  const rows = await database.query<Row>(
    `WITH due AS MATERIALIZED (
       SELECT d.alert_id, d.target, d.telling FROM unnest($1::text[]) AS free(target) CROSS JOIN LATERAL (
         SELECT alert_id, target, telling FROM alert_deliveries d
         WHERE state = 'waiting' AND target = free.target AND due_at <= $2
           AND (telling = 'raised' OR NOT EXISTS (SELECT FROM alert_deliveries b WHERE b.alert_id = d.alert_id AND b.target = d.target
             AND b.state = 'waiting' AND (b.telling = 'raised' OR (d.telling = 'resolved' AND b.telling <> 'resolved'))))
         ORDER BY due_at, alert_id LIMIT $4 FOR UPDATE SKIP LOCKED) d
     )
     UPDATE alert_deliveries d SET due_at = $3, tries = d.tries + 1 FROM due, alerts a
     WHERE d.alert_id = due.alert_id AND d.target = due.target AND d.telling = due.telling AND a.alert_id = d.alert_id
     RETURNING d.alert_id AS "alertId", d.target, d.telling, d.tries, a.key, a.kind, a.severity, a.provider, a.scope, a.sentence,
       a.numbers, a.raised_at AS at, a.told_at AS "toldAt", a.acknowledged_by AS "acknowledgedBy"`,
    [targets, new Date(now), new Date(leasedUntil), perTarget],
  );
  return rows.map(({ alertId, target, telling, tries, toldAt, acknowledgedBy, at, ...alert }) => ({
    alertId: Number(alertId),
    target,
    telling,
    tries,
    toldAt: toldAt === null ? null : Number(toldAt),
    acknowledgedBy,
    alert: { ...alert, at: Number(at) },
  }));
}
