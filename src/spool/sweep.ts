import type { MessageClass } from "../mail/index.ts";
import { MESSAGE_CLASSES, classNumber } from "../mail/index.ts";
import type { Queryable } from "../store/index.ts";
import { idSpan } from "./story-filter.ts";

export type RetentionRule = { bodyMs: Record<MessageClass, number>; messageRowMs: number };

/** A sweep that deleted this many may have left more. */
export const SWEEP_BATCH = 1_000;

/**
 * Deletes what is kept no longer: bodies of ended messages, then the rows of messages, then old idempotency keys.
 * In batches, so that no delete holds a lock for long. @returns rows deleted; `more` while a batch was full: call again.
 */
export async function sweepRetention(
  database: Queryable,
  rule: RetentionRule,
  now: number,
): Promise<{ bodies: number; messages: number; keys: number; more: boolean }> {
  let bodies = 0;
  let more = false;
  for (const messageClass of MESSAGE_CLASSES) {
    // What ended by then was accepted by then: texts that are younger need not be looked at.
    const endedBy = now - rule.bodyMs[messageClass];
    const rows = await database.query(
      `DELETE FROM bodies WHERE spool_id IN (
         SELECT b.spool_id FROM bodies b JOIN messages m USING (spool_id) WHERE b.spool_id < $3 AND m.class = $1 AND m.ended_at <= $2 LIMIT ${SWEEP_BATCH}) RETURNING 1`,
      [classNumber(messageClass), new Date(endedBy), idSpan(0, endedBy)[1]],
    );
    bodies += rows.length;
    more ||= rows.length === SWEEP_BATCH;
  }
  const messages = await database.query<{ spool_id: string }>(
    `DELETE FROM messages WHERE spool_id IN (SELECT spool_id FROM messages WHERE ended_at <= $1 LIMIT ${SWEEP_BATCH}) RETURNING spool_id`,
    [new Date(now - rule.messageRowMs)],
  );
  const ids = messages.map((row) => row.spool_id);
  for (const table of ["recipients", "bodies", "attempts", "message_events"]) {
    if (ids.length > 0) await database.query(`DELETE FROM ${table} WHERE spool_id = ANY($1)`, [ids]);
  }
  // The outer condition is looked at again should a key be claimed anew at this very moment.
  const keys = await database.query(
    `DELETE FROM idempotency_keys WHERE expires_at <= $1 AND (tenant, key) IN (
       SELECT tenant, key FROM idempotency_keys WHERE expires_at <= $1 LIMIT ${SWEEP_BATCH}) RETURNING 1`,
    [new Date(now)],
  );
  more ||= messages.length === SWEEP_BATCH || keys.length === SWEEP_BATCH;
  return { bodies, messages: messages.length, keys: keys.length, more };
}
