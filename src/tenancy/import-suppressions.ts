import { foldedAddress, parseMailbox } from "../mail/index.ts";
import type { Queryable } from "../store/index.ts";
import type { SuppressionKind } from "./suppressions.ts";

export type ImportedSuppression = {
  address: string;
  kind: SuppressionKind;
  /** Behind the kind; one line. */
  reason: string;
  /** When it came onto the list it is from; milliseconds since the epoch. */
  createdAt: number;
};
/** `known`: on the list already, with a reason of its own · `full`: the list is as long as it may be · `unusable`: no address. */
export type ImportCounts = { added: number; known: number; full: number; unusable: number };

/** Statements take so many at once; a page of any provider is smaller. */
export const IMPORT_AT_ONCE = 1_000;

/**
 * Puts addresses of another list onto a tenant's, each with the time it has there. What is on it stays as it is, so
 * that doing it again adds nothing. The count is made anew each time: somebody else may be adding.
 * @param most limits.suppressionsPerTenant
 */
export async function importSuppressions(
  database: Queryable,
  tenant: string,
  entries: readonly ImportedSuppression[],
  most: number,
): Promise<ImportCounts> {
  const unique = new Map<string, ImportedSuppression>();
  let unusable = 0;
  for (const entry of entries) {
    if (parseMailbox(entry.address) === null) unusable += 1;
    else if (!unique.has(foldedAddress(entry.address))) unique.set(foldedAddress(entry.address), entry);
  }
  const rows = [...unique].map(([address, { kind, reason, createdAt }]) => ({
    address,
    reason: kind === "manual" ? reason : `${kind}: ${reason}`,
    at: new Date(createdAt),
  }));
  // One statement: the room is counted and taken from the same state of the table; what is known needs none of it.
  const [counts] = await database.query<{ added: number; fresh: number }>(
    `WITH given AS (SELECT * FROM unnest($2::text[], $3::text[], $4::timestamptz[]) WITH ORDINALITY AS g(address, reason, at, n)),
     fresh AS (SELECT * FROM given WHERE NOT EXISTS
       (SELECT FROM suppressions s WHERE s.tenant = $1 AND s.address = given.address)),
     room AS (SELECT greatest(0, $5 - count(*)) AS places FROM (SELECT FROM suppressions WHERE tenant = $1 LIMIT $5) held),
     added AS (INSERT INTO suppressions (tenant, address, reason, created_at)
       SELECT $1, address, reason, at FROM fresh ORDER BY n LIMIT (SELECT places FROM room)
       ON CONFLICT DO NOTHING RETURNING 1)
     SELECT (SELECT count(*) FROM added) AS added, (SELECT count(*) FROM fresh) AS fresh`,
    [tenant, rows.map(({ address }) => address), rows.map(({ reason }) => reason), rows.map(({ at }) => at), most],
  );
  const { added, fresh } = counts!;
  return { added, known: entries.length - unusable - fresh, full: fresh - added, unusable };
}
