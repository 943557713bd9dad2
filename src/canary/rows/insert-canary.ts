import { classNumber } from "../../mail/index.ts";
import type { Queryable } from "../../store/index.ts";
import type { Expected } from "../verify/expected.ts";
import { type Canary, NEXT_CHANGE, TURN } from "./row.ts";

export type NewCanary = Pick<
  Canary,
  | "canaryId"
  | "kind"
  | "provider"
  | "receiver"
  | "own"
  | "tenant"
  | "stream"
  | "class"
  | "burst"
  | "sentAt"
  | "deadlineAt"
> & { tokenHash: Buffer; expected: Expected };

/** Before it is sent: in the lab mail arrives before its sender knows that it was taken. */
export async function insertCanary(database: Queryable, one: NewCanary): Promise<void> {
  await database.query(
    `WITH ${TURN}
     INSERT INTO canaries (canary_id, kind, provider, receiver, own, tenant, stream, class, burst, token_hash, sent_at,
       deadline_at, expected, findings, legs, change_id)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '[]', '{}', ${NEXT_CHANGE} FROM turn`,
    [
      one.canaryId,
      one.kind,
      one.provider,
      one.receiver,
      one.own,
      one.tenant,
      one.stream,
      classNumber(one.class),
      one.burst,
      one.tokenHash,
      new Date(one.sentAt),
      new Date(one.deadlineAt),
      JSON.stringify(one.expected),
    ],
  );
}
