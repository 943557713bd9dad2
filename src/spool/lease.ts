import type { SpoolId } from "../kernel/index.ts";
import { classFromNumber, type MessageClass, type OutcomeKind, type OutcomeScope } from "../mail/index.ts";
import { type Lane, type Queryable, type Statement, instantArray, uuidArray } from "../store/index.ts";
import type { LeasedMessage, LeasedRecipient, PastAttempt } from "./rows.ts";
import type { SealedBody } from "./seal.ts";
import type { RecipientState } from "./story.ts";

/** Due rows of one class, oldest first. Rows another node is taking at this moment are passed over, never waited for. */
const LEASE: Statement = {
  name: "lease",
  text: `
WITH due AS MATERIALIZED (
  SELECT spool_id FROM queue WHERE state = 'queued' AND class = $1::int2 AND due_at <= ($2::timestamptz[])[1]
  ORDER BY due_at LIMIT $3::int FOR UPDATE SKIP LOCKED
)
UPDATE queue q SET state = 'leased', lease_node = $4::uuid, fence = q.fence + 1 FROM due WHERE q.spool_id = due.spool_id
RETURNING q.spool_id, q.fence, q.due_at`,
};

/** Held rows whose message's time has run out. */
const LEASE_HELD: Statement = {
  name: "lease-held",
  text: `
WITH due AS MATERIALIZED (
  SELECT spool_id FROM queue WHERE state = 'held' AND due_at <= ($1::timestamptz[])[1] ORDER BY due_at LIMIT $2::int FOR UPDATE SKIP LOCKED
)
UPDATE queue q SET state = 'leased', lease_node = $3::uuid, held_reason = NULL, fence = q.fence + 1 FROM due WHERE q.spool_id = due.spool_id
RETURNING q.spool_id, q.fence, q.due_at`,
};

export type LeasedRow = { spoolId: SpoolId; fence: number };
/** With when it was due. */
type DueRow = LeasedRow & { dueAt: number };

const leasedRows = (rows: unknown[][]): DueRow[] =>
  rows.map(([spoolId, fence, dueAt]) => ({
    spoolId: spoolId as SpoolId,
    fence: fence as number,
    dueAt: dueAt as number,
  }));

export const leaseDue = async (
  lane: Lane,
  node: string,
  classNumber: number,
  now: number,
  limit: number,
): Promise<DueRow[]> => leasedRows(await lane.execute(LEASE, [classNumber, instantArray([now]), limit, node]));

export const leaseHeldDue = async (lane: Lane, node: string, now: number, limit: number): Promise<DueRow[]> =>
  leasedRows(await lane.execute(LEASE_HELD, [instantArray([now]), limit, node]));

const MESSAGES: Statement = {
  name: "leased-messages",
  text: `SELECT spool_id, tenant, stream, class, return_path, needs_smtputf8, needs_8bit, dsn_return, dsn_envelope_id, coalesce(send_at, accepted_at), expires_at, size_bytes, superseded_by IS NOT NULL
    FROM messages WHERE spool_id = ANY($1::uuid[])`,
};
/** With what the tenant's suppression list says of each now; classes C0 and C1 are never suppressed. */
const RECIPIENTS: Statement = {
  name: "leased-recipients",
  text: `SELECT r.spool_id, r.n, r.address, r.dsn_notify, r.dsn_original, r.state, s.reason
    FROM recipients r JOIN messages m USING (spool_id)
    LEFT JOIN suppressions s ON m.class > 1 AND s.tenant = m.tenant AND s.address = lower(r.address COLLATE "C")
    WHERE r.spool_id = ANY($1::uuid[]) ORDER BY r.spool_id, r.n`,
};
const ATTEMPTS: Statement = {
  name: "leased-attempts",
  text: `SELECT spool_id, n, provider, recipients, intent_at, settled_at, outcome, scope, cause, resolved, mixed
    FROM attempts WHERE spool_id = ANY($1::uuid[]) ORDER BY spool_id, n`,
};

/** Everything a worker needs to decide, except the body. In the order of `rows`. */
export async function loadLeased(lane: Lane, rows: readonly DueRow[]): Promise<LeasedMessage[]> {
  if (rows.length === 0) return [];
  const ids = [uuidArray(rows.map((row) => row.spoolId))];
  const [messages, recipients, attempts] = await Promise.all([
    lane.execute(MESSAGES, ids),
    lane.execute(RECIPIENTS, ids),
    lane.execute(ATTEMPTS, ids),
  ]);
  const recipientsOf = Map.groupBy(recipients, (row) => row[0]);
  const attemptsOf = Map.groupBy(attempts, (row) => row[0]);
  const messageOf = new Map(messages.map((row) => [row[0], row]));
  return rows.flatMap((row) => {
    const m = messageOf.get(row.spoolId);
    if (!m) return [];
    return {
      spoolId: row.spoolId,
      fence: row.fence,
      dueAt: row.dueAt,
      heldReason: null,
      tenant: m[1] as string,
      stream: m[2] as string,
      class: classFromNumber(m[3] as number) as MessageClass,
      returnPath: m[4] as string,
      needsSmtputf8: m[5] as boolean,
      needs8bit: m[6] as boolean,
      dsnReturn: m[7] as string | null,
      dsnEnvelopeId: m[8] as string | null,
      sendAt: m[9] as number,
      expiresAt: m[10] as number | null,
      sizeBytes: m[11] as number,
      isSuperseded: m[12] as boolean,
      recipients: (recipientsOf.get(row.spoolId) ?? []).map(recipientOf),
      attempts: (attemptsOf.get(row.spoolId) ?? []).map(attemptOf),
    };
  });
}

const recipientOf = (row: unknown[]): LeasedRecipient => ({
  n: row[1] as number,
  address: row[2] as string,
  notify: row[3] as string | null,
  original: row[4] as string | null,
  state: row[5] as RecipientState,
  suppressedFor: row[6] as string | null,
});

const attemptOf = (row: unknown[]): PastAttempt => ({
  n: row[1] as number,
  provider: row[2] as string,
  recipients: row[3] as number[] | null,
  intentAt: row[4] as number,
  settledAt: row[5] as number | null,
  outcome: row[6] as OutcomeKind | null,
  scope: row[7] as OutcomeScope | null,
  cause: row[8] as string | null,
  resolved: row[9] as string | null,
  mixed: row[10] as PastAttempt["mixed"],
});

const BODIES: Statement = {
  name: "bodies",
  text: "SELECT spool_id, salt, sealed FROM bodies WHERE spool_id = ANY($1::uuid[])",
};

/** Sealed bodies in the order of `ids`; null where it is gone (purged). */
export async function loadBodies(lane: Lane, ids: readonly SpoolId[]): Promise<(SealedBody | null)[]> {
  const rows = await lane.execute(BODIES, [uuidArray(ids)]);
  const bodyOf = new Map(rows.map((row) => [row[0], { salt: row[1] as Buffer, sealed: row[2] as Buffer }]));
  return ids.map((id) => bodyOf.get(id) ?? null);
}

/** Index: queue_leased. Some hundred rows on a busy node. */
export const leasesOf = (database: Queryable, node: string): Promise<LeasedRow[]> =>
  database.query<LeasedRow>(
    `SELECT spool_id AS "spoolId", fence FROM queue WHERE state = 'leased' AND lease_node = $1`,
    [node],
  );

/** Bound to the fences: what was settled or leased anew meanwhile stays as it is. */
export async function giveBack(database: Queryable, node: string, rows: readonly LeasedRow[]): Promise<number> {
  const given = await database.query(
    `UPDATE queue q SET state = 'queued', lease_node = NULL, fence = q.fence + 1, due_at = clock_timestamp()
     FROM unnest($2::uuid[], $3::bigint[]) AS g(spool_id, fence)
     WHERE q.spool_id = g.spool_id AND q.fence = g.fence AND q.lease_node = $1 RETURNING 1`,
    [node, rows.map((row) => row.spoolId), rows.map((row) => row.fence)],
  );
  return given.length;
}
