import type { Queryable } from "../../store/index.ts";

/** What became of the mail that told a target. left: providers took it · lost: somebody will not get it · stuck: it waits too long */
export type MailEnd = { target: string; end: "left" | "lost" | "stuck"; state: string };

/**
 * Follows what was told by mail to where it left us, and notes it. Few rows: only what was accepted and has not left.
 * Index: alert_deliveries_mailed, recipients_pkey.
 * @param acceptedBefore what is older and has not left is stuck; told each time, since it may leave yet
 */
export async function followMail(database: Queryable, acceptedBefore: number): Promise<MailEnd[]> {
  return database.query<MailEnd>(
    `WITH ends AS MATERIALIZED (
       SELECT d.alert_id, d.target, d.telling,
         CASE WHEN bool_or(coalesce(r.state, 'gone') IN ('rejected', 'expired', 'suppressed', 'cancelled')) THEN 'lost'
           WHEN bool_or(r.state = 'pending') THEN CASE WHEN min(m.accepted_at) <= $1 THEN 'stuck' ELSE 'waits' END
           ELSE 'left' END AS "end",
         coalesce(max(r.state) FILTER (WHERE r.state NOT IN ('handed-off', 'delivered')), 'handed-off') AS state
       FROM alert_deliveries d LEFT JOIN recipients r USING (spool_id) LEFT JOIN messages m USING (spool_id)
       WHERE d.state = 'mailed' GROUP BY d.alert_id, d.target, d.telling
     ), noted AS (
       UPDATE alert_deliveries d SET state = CASE ends."end" WHEN 'left' THEN 'delivered' ELSE 'gave-up' END,
         last_error = CASE ends."end" WHEN 'lost' THEN 'the mail ended as ' || ends.state ELSE last_error END
       FROM ends WHERE d.alert_id = ends.alert_id AND d.target = ends.target AND d.telling = ends.telling AND ends."end" IN ('left', 'lost')
     )
     SELECT target, "end", state FROM ends WHERE "end" <> 'waits'`,
    [new Date(acceptedBefore)],
  );
}
