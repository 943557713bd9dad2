import type { SpoolId } from "../kernel/index.ts";
import type { Queryable } from "../store/index.ts";

export type KeyClaim = {
  tenant: string;
  key: string;
  bodyHash: Buffer;
  spoolId: SpoolId;
  now: number;
  expiresAt: number;
};
/** new: the claim is ours and its message must be stored in this transaction · same: already answered · different: another body came under it. */
export type KeyAnswer = { kind: "new" } | { kind: "same"; spoolId: SpoolId } | { kind: "different" };

/**
 * Claims an Idempotency-Key. A second claim of the same key waits here for the first one's commit and then sees it,
 * so of many at once exactly one is new.
 */
export async function claimKey(tx: Queryable, claim: KeyClaim): Promise<KeyAnswer> {
  const taken = await tx.query(
    `INSERT INTO idempotency_keys AS k (tenant, key, body_hash, spool_id, expires_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (tenant, key) DO UPDATE SET body_hash = excluded.body_hash, spool_id = excluded.spool_id, expires_at = excluded.expires_at
       WHERE k.expires_at <= $6
     RETURNING 1`,
    [claim.tenant, claim.key, claim.bodyHash, claim.spoolId, new Date(claim.expiresAt), new Date(claim.now)],
  );
  if (taken.length > 0) return { kind: "new" };
  const [before] = await tx.query<{ body_hash: Buffer; spool_id: SpoolId }>(
    "SELECT body_hash, spool_id FROM idempotency_keys WHERE tenant = $1 AND key = $2",
    [claim.tenant, claim.key],
  );
  return before && before.body_hash.equals(claim.bodyHash)
    ? { kind: "same", spoolId: before.spool_id }
    : { kind: "different" };
}
