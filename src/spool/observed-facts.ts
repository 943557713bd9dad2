import type { SpoolId } from "../kernel/index.ts";
import { classFromNumber, type MessageClass, type OutcomeKind } from "../mail/index.ts";
import { type Lane, type Statement, uuidArray } from "../store/index.ts";
import type { RecipientState } from "./story.ts";

/** What is known of a message that notices speak of. Changed in memory as events are applied, then written. */
export type ObservedMessage = {
  spoolId: SpoolId;
  tenant: string;
  class: MessageClass;
  acceptedAt: number;
  recipients: ObservedRecipient[];
  attempts: ObservedAttempt[];
  /** Null: it has ended. */
  queue: "queued" | "leased" | "held" | null;
  /** Another message took its place, or its application was asked for one. */
  isReplaced: boolean;
};
export type ObservedRecipient = { n: number; address: string; state: RecipientState; reason: string | null };
export type ObservedAttempt = {
  n: number;
  provider: string;
  /** Null: all. */
  recipients: readonly number[] | null;
  outcome: OutcomeKind | null;
  resolved: string | null;
  providerMessageId: string | null;
  mixed: readonly { n: number; outcome: OutcomeKind }[] | null;
};

/**
 * Rows of the messages that notices speak of, locked until the end of the transaction. Those that a node is settling at
 * this moment are passed over, never waited for: so notices and settlements, which lock in other orders, cannot hold each
 * other up. What was passed over is missing from the counts of MESSAGES, and tried again.
 */
const QUEUE: Statement = {
  name: "observed-queue",
  text: "SELECT spool_id, state FROM queue WHERE spool_id = ANY($1::uuid[]) ORDER BY spool_id FOR UPDATE SKIP LOCKED",
};
const RECIPIENTS: Statement = {
  name: "observed-recipients",
  text: `SELECT spool_id, n, address, state, reason FROM recipients WHERE spool_id = ANY($1::uuid[])
    ORDER BY spool_id, n FOR UPDATE SKIP LOCKED`,
};
/** After the locks, so that it sees what they waited for. Index: redrive_items_by_message, of a table that is nearly empty. */
const MESSAGES: Statement = {
  name: "observed-messages",
  text: `SELECT m.spool_id, m.tenant, m.class, m.accepted_at,
      (SELECT count(*) FROM recipients r WHERE r.spool_id = m.spool_id),
      EXISTS (SELECT FROM queue q WHERE q.spool_id = m.spool_id),
      m.superseded_by IS NOT NULL OR EXISTS (SELECT FROM redrive_items i WHERE i.spool_id = m.spool_id AND i.result = 'reissue-wanted')
    FROM messages m WHERE m.spool_id = ANY($1::uuid[])`,
};
const ATTEMPTS: Statement = {
  name: "observed-attempts",
  text: `SELECT spool_id, n, provider, recipients, outcome, resolved, provider_message_id, mixed
    FROM attempts WHERE spool_id = ANY($1::uuid[]) ORDER BY spool_id, n`,
};

/** By spool id; `busy` are those that somebody else works on at this moment. */
export async function loadObserved(
  execute: Lane["execute"],
  spoolIds: readonly string[],
): Promise<{ known: Map<string, ObservedMessage>; busy: Set<string> }> {
  const known = new Map<string, ObservedMessage>();
  const busy = new Set<string>();
  if (spoolIds.length === 0) return { known, busy };
  const ids = [uuidArray([...new Set(spoolIds)].toSorted())];
  const queueOf = new Map(
    (await execute(QUEUE, ids)).map((row) => [row[0] as string, row[1] as ObservedMessage["queue"]]),
  );
  const recipientsOf = Map.groupBy(await execute(RECIPIENTS, ids), (row) => row[0] as string);
  const messages = await execute(MESSAGES, ids);
  const attemptsOf = Map.groupBy(await execute(ATTEMPTS, ids), (row) => row[0] as string);
  for (const [id, tenant, messageClass, acceptedAt, recipients, isQueued, isReplaced] of messages) {
    const spoolId = id as SpoolId;
    const locked = recipientsOf.get(spoolId) ?? [];
    if (locked.length !== recipients || queueOf.has(spoolId) !== isQueued) {
      busy.add(spoolId);
      continue;
    }
    known.set(spoolId, {
      spoolId,
      tenant: tenant as string,
      class: classFromNumber(messageClass as number),
      acceptedAt: acceptedAt as number,
      queue: queueOf.get(spoolId) ?? null,
      isReplaced: isReplaced as boolean,
      recipients: locked.map(([, n, address, state, reason]) => ({
        n: n as number,
        address: address as string,
        state: state as RecipientState,
        reason: reason as string | null,
      })),
      attempts: (attemptsOf.get(spoolId) ?? []).map((row) => ({
        n: row[1] as number,
        provider: row[2] as string,
        recipients: row[3] as number[] | null,
        outcome: row[4] as OutcomeKind | null,
        resolved: row[5] as string | null,
        providerMessageId: row[6] as string | null,
        mixed: row[7] as { n: number; outcome: OutcomeKind }[] | null,
      })),
    });
  }
  return { known, busy };
}
