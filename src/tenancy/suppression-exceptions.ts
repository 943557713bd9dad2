import { foldedAddress } from "../mail/index.ts";
import type { Queryable } from "../store/index.ts";

export type SuppressionException = { address: string; comment: string; createdAt: number };

/**
 * A tenant's addresses that no report of a provider puts onto its suppression list. Where it is read:
 * spool/observed-rows.ts, inside the statement that would put one there.
 */
export type SuppressionExceptions = {
  /** In the order of the addresses, those that begin with `prefix`; `after` is the last one of the page before. */
  list(tenant: string, limit: number, after: string | null, prefix?: string): Promise<SuppressionException[]>;
  has(tenant: string, address: string): Promise<boolean>;
  /**
   * Takes the address off the suppression list at the same time.
   * @returns full: the tenant has as many as it may have (EXCEPTIONS_PER_TENANT), and nothing was changed.
   */
  add(tenant: string, address: string, comment: string): Promise<"done" | "full">;
  /** @returns false where there was none. */
  remove(tenant: string, address: string): Promise<boolean>;
};

/** Known mailboxes are few; a longer list would be a way around the suppression list. */
export const EXCEPTIONS_PER_TENANT = 10_000;

export function suppressionExceptions(database: Queryable): SuppressionExceptions {
  return {
    list: (tenant, limit, after, prefix = "") =>
      database.query<SuppressionException>(
        `SELECT address, comment, created_at AS "createdAt" FROM suppression_exceptions
         WHERE tenant = $1 AND ($2::text IS NULL OR address > $2) AND starts_with(address, $3) ORDER BY address LIMIT $4`,
        [tenant, after, foldedAddress(prefix), limit],
      ),
    async has(tenant, address) {
      const rows = await database.query("SELECT FROM suppression_exceptions WHERE tenant = $1 AND address = $2", [
        tenant,
        foldedAddress(address),
      ]);
      return rows.length > 0;
    },
    async add(tenant, address, comment) {
      const rows = await database.query(
        `WITH room AS (
           SELECT FROM (SELECT count(*) AS n FROM suppression_exceptions WHERE tenant = $1) x
           WHERE n < $4 OR EXISTS (SELECT FROM suppression_exceptions WHERE tenant = $1 AND address = $2)
         ), put AS (
           INSERT INTO suppression_exceptions (tenant, address, comment) SELECT $1, $2, $3 FROM room
           ON CONFLICT (tenant, address) DO UPDATE SET comment = excluded.comment
         ), off AS (
           DELETE FROM suppressions WHERE tenant = $1 AND address = $2 AND EXISTS (SELECT FROM room)
         )
         SELECT FROM room`,
        [tenant, foldedAddress(address), comment, EXCEPTIONS_PER_TENANT],
      );
      return rows.length > 0 ? "done" : "full";
    },
    async remove(tenant, address) {
      const rows = await database.query(
        "DELETE FROM suppression_exceptions WHERE tenant = $1 AND address = $2 RETURNING 1",
        [tenant, foldedAddress(address)],
      );
      return rows.length > 0;
    },
  };
}
