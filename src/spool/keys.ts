import type { SpoolId } from "../kernel/index.ts";
import { byteaArray, instantArray, type Lane, type Statement, textArray, uuidArray } from "../store/index.ts";

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
 * Claims a group of Idempotency-Keys. A claim of a key that another transaction is claiming waits here for that one's
 * commit and then sees it, so of many at once exactly one is new. In the order of the keys, so that two groups never
 * wait for each other in a circle; of equal keys in one group the first wins.
 */
const CLAIM: Statement = {
  name: "claim-keys",
  text: `
INSERT INTO idempotency_keys AS k (tenant, key, body_hash, spool_id, expires_at)
SELECT DISTINCT ON (tenant, key) tenant, key, body_hash, spool_id, expires_at
FROM unnest($1::text[], $2::text[], $3::bytea[], $4::uuid[], $5::timestamptz[]) WITH ORDINALITY AS g(tenant, key, body_hash, spool_id, expires_at, n)
ORDER BY tenant, key, n
ON CONFLICT (tenant, key) DO UPDATE SET body_hash = excluded.body_hash, spool_id = excluded.spool_id, expires_at = excluded.expires_at
  WHERE k.expires_at <= ($6::timestamptz[])[1]
RETURNING spool_id`,
};

const KNOWN: Statement = {
  name: "known-keys",
  text: `
SELECT k.tenant, k.key, k.body_hash, k.spool_id FROM unnest($1::text[], $2::text[]) AS g(tenant, key)
JOIN idempotency_keys k ON k.tenant = g.tenant AND k.key = g.key`,
};

export async function claimKeys(execute: Lane["execute"], claims: readonly KeyClaim[]): Promise<KeyAnswer[]> {
  const tenants = textArray(claims.map((one) => one.tenant));
  const keys = textArray(claims.map((one) => one.key));
  const claimed = await execute(CLAIM, [
    tenants,
    keys,
    byteaArray(claims.map((one) => one.bodyHash)),
    uuidArray(claims.map((one) => one.spoolId)),
    instantArray(claims.map((one) => one.expiresAt)),
    instantArray([Math.max(...claims.map((one) => one.now))]),
  ]);
  const ours = new Set(claimed.map((row) => row[0]));
  if (ours.size === claims.length) return claims.map(() => ({ kind: "new" }));
  const known = await execute(KNOWN, [tenants, keys]);
  const before = new Map(known.map((row) => [keyOf(row[0] as string, row[1] as string), row]));
  return claims.map((claim) => {
    if (ours.has(claim.spoolId)) return { kind: "new" };
    const row = before.get(keyOf(claim.tenant, claim.key));
    return row && (row[2] as Buffer).equals(claim.bodyHash)
      ? { kind: "same", spoolId: row[3] as SpoolId }
      : { kind: "different" };
  });
}

const keyOf = (tenant: string, key: string): string => `${tenant}\0${key}`;
