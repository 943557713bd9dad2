import { foldedAddress } from "../mail/index.ts";
import type { Queryable } from "../store/index.ts";

/**
 * A tenant's list of addresses it must not write to. Where it is read: spool/accept-rows.ts and spool/lease.ts,
 * inside the statements that store and lease. Secrets and security notices (C0, C1) pass it.
 */
export type Suppression = { address: string; reason: string; createdAt: number };

export async function suppress(database: Queryable, tenant: string, address: string, reason: string): Promise<void> {
  await database.query(
    "INSERT INTO suppressions (tenant, address, reason) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    [tenant, foldedAddress(address), reason],
  );
}

/** @returns false where it was not on the list. */
export async function unsuppress(database: Queryable, tenant: string, address: string): Promise<boolean> {
  const rows = await database.query("DELETE FROM suppressions WHERE tenant = $1 AND address = $2 RETURNING 1", [
    tenant,
    foldedAddress(address),
  ]);
  return rows.length > 0;
}

export const suppressionsOf = (database: Queryable, tenant: string): Promise<Suppression[]> =>
  database.query<Suppression>(
    'SELECT address, reason, created_at AS "createdAt" FROM suppressions WHERE tenant = $1 ORDER BY address',
    [tenant],
  );
