import type { Queryable } from "../../src/store/index.ts";
import type { SinkReport } from "./sink.ts";

export type Verdict = {
  accepted: number;
  /** Accepted, yet neither at the provider nor visible as waiting or ended otherwise. */
  lost: string[];
  /** Copies beyond the first. */
  duplicates: number;
  /** Copies beyond the first of a message none of whose tries had an unknown end: there was no reason to send again. */
  unexplained: string[];
  mostCopies: number;
};

/** Holds what senders were told against what the provider has and what the database says. Knows nothing of how Postern works inside. */
export async function check(database: Queryable, accepted: readonly string[], report: SinkReport): Promise<Verdict> {
  const rows = await database.query<{ id: string; waits: boolean; failed: boolean }>(
    `SELECT m.spool_id AS id, q.spool_id IS NOT NULL AS waits,
       EXISTS (SELECT FROM recipients r WHERE r.spool_id = m.spool_id AND r.state IN ('rejected', 'expired', 'suppressed', 'cancelled')) AS failed
     FROM messages m LEFT JOIN queue q USING (spool_id)`,
  );
  const known = new Map(rows.map((row) => [row.id, row]));
  const doubtful = await database.query<{ id: string }>(
    "SELECT DISTINCT spool_id AS id FROM attempts WHERE outcome = 'indeterminate'",
  );
  const mayRepeat = new Set(doubtful.map((row) => row.id));
  const lost = accepted.filter((id) => {
    const row = known.get(id);
    return !(id in report.copies) && !(row && (row.waits || row.failed));
  });
  const repeated = Object.entries(report.copies).filter(([, copies]) => copies > 1);
  return {
    accepted: accepted.length,
    lost,
    duplicates: repeated.reduce((sum, [, copies]) => sum + copies - 1, 0),
    unexplained: repeated.map(([id]) => id).filter((id) => !mayRepeat.has(id)),
    mostCopies: Object.values(report.copies).reduce((most, copies) => Math.max(most, copies), 0),
  };
}
