import { foldedAddress } from "../mail/index.ts";
import type { Queryable } from "../store/index.ts";

export type Suppression = { address: string; reason: string; createdAt: number };

/**
 * A tenant's list of addresses it must not write to. Where it is read: spool/accept-rows.ts and spool/lease.ts,
 * inside the statements that store and lease. Secrets and security notices (C0, C1) pass it (docs/decisions/0007).
 */
export type SuppressionList = {
  /** In the order of the addresses; `after` is the last one of the page before. */
  list(tenant: string, limit: number, after: string | null): Promise<Suppression[]>;
  /** An address that is on the list keeps its first reason. */
  add(tenant: string, address: string, reason: string): Promise<void>;
  /** @returns false where it was not on the list. */
  remove(tenant: string, address: string): Promise<boolean>;
};

export const suppressionList = (database: Queryable): SuppressionList => ({
  list: (tenant, limit, after) =>
    database.query<Suppression>(
      `SELECT address, reason, created_at AS "createdAt" FROM suppressions
       WHERE tenant = $1 AND ($2::text IS NULL OR address > $2) ORDER BY address LIMIT $3`,
      [tenant, after, limit],
    ),
  async add(tenant, address, reason) {
    await database.query(
      "INSERT INTO suppressions (tenant, address, reason) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
      [tenant, foldedAddress(address), reason],
    );
  },
  async remove(tenant, address) {
    const rows = await database.query("DELETE FROM suppressions WHERE tenant = $1 AND address = $2 RETURNING 1", [
      tenant,
      foldedAddress(address),
    ]);
    return rows.length > 0;
  },
});
