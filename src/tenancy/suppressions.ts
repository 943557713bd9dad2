import { type Clock, MINUTE_MS } from "../kernel/index.ts";
import { foldedAddress } from "../mail/index.ts";
import type { Queryable } from "../store/index.ts";

/**
 * Why an address is on a list, for those who ask by kind. It is the first word of the reason: `bounced`,
 * `complained: by the mailbox provider`; a reason that begins with none of these was written by a person (manual).
 */
export const SUPPRESSION_KINDS = ["bounced", "complained", "unsubscribed", "invalid", "manual"] as const;
export type SuppressionKind = (typeof SUPPRESSION_KINDS)[number];

export type Suppression = { address: string; kind: SuppressionKind; reason: string; createdAt: number };

export type SuppressionFilter = {
  kinds?: readonly SuppressionKind[];
  /** Addresses, in any case of their ASCII letters. */
  addresses?: readonly string[];
  /** Addresses that begin so. */
  prefix?: string;
  /** From this instant on, and before that one; milliseconds since the epoch. */
  addedAfter?: number;
  addedBefore?: number;
};

/** A removal deletes at most so many at once, so that it holds no lock for long. */
export const REMOVE_AT_ONCE = 10_000;

/**
 * A tenant's list of addresses it must not write to. Where it is read: spool/accept-rows.ts and spool/lease.ts,
 * inside the statements that store and lease. Secrets and security notices (C0, C1) pass it (docs/decisions/0007).
 */
export type SuppressionList = {
  /**
   * In the order of the addresses; `after` is the last one of the page before, `offset` how many are passed over.
   * `backwards`: in the other order, so that `after` is the first one of the page behind.
   */
  list(
    tenant: string,
    limit: number,
    after: string | null,
    filter?: SuppressionFilter & { offset?: number; backwards?: boolean },
  ): Promise<Suppression[]>;
  /**
   * An address that is on the list keeps its first reason.
   * @returns full: the tenant's list is as long as it may be (limits.suppressionsPerTenant), and nothing was added.
   */
  add(tenant: string, address: string, reason: string, kind?: SuppressionKind): Promise<"done" | "full">;
  /** @returns false where it was not on the list. */
  remove(tenant: string, address: string): Promise<boolean>;
  /** @returns how many were taken off; REMOVE_AT_ONCE: there may be more, ask again. */
  removeMany(tenant: string, filter: SuppressionFilter): Promise<number>;
};

/** A list is counted anew after this long; what this node adds is counted along. */
const COUNT_AGAIN_MS = MINUTE_MS;

export function suppressionList(
  database: Queryable,
  { most, clock }: { /** Addresses of one tenant. */ most: number; clock: Clock },
): SuppressionList {
  const counted = new Map<string, { count: number; atMs: number }>();

  /** Whether one more would be too many; close enough for a bound that keeps a disk from filling. */
  async function isFull(tenant: string): Promise<boolean> {
    const now = clock.monotonicMs();
    let known = counted.get(tenant);
    if (!known || now - known.atMs >= COUNT_AGAIN_MS || known.count >= most) {
      const [row] = await database.query<{ n: number }>(
        "SELECT count(*) AS n FROM (SELECT FROM suppressions WHERE tenant = $1 LIMIT $2) found",
        [tenant, most],
      );
      known = { count: row!.n, atMs: now };
      counted.set(tenant, known);
    }
    return known.count >= most;
  }

  return {
    async list(tenant, limit, after, filter = {}) {
      const { where, values } = conditionsOf(tenant, filter);
      const [beyond, order] = filter.backwards ? ["<", "DESC"] : [">", "ASC"];
      const rows = await database.query<Omit<Suppression, "kind">>(
        `SELECT address, reason, created_at AS "createdAt" FROM suppressions
         WHERE ${where} AND ($${values.length + 1}::text IS NULL OR address ${beyond} $${values.length + 1}) ORDER BY address ${order} LIMIT $${values.length + 2} OFFSET $${values.length + 3}`,
        [...values, after, limit, filter.offset ?? 0],
      );
      return rows.map((row) => ({ ...row, kind: kindOf(row.reason) }));
    },
    async add(tenant, address, reason, kind = "manual") {
      if (await isFull(tenant)) return "full";
      const rows = await database.query(
        "INSERT INTO suppressions (tenant, address, reason) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1",
        [tenant, foldedAddress(address), kind === "manual" || kindOf(reason) === kind ? reason : `${kind}: ${reason}`],
      );
      const known = counted.get(tenant);
      if (known) known.count += rows.length;
      return "done";
    },
    async remove(tenant, address) {
      const rows = await database.query("DELETE FROM suppressions WHERE tenant = $1 AND address = $2 RETURNING 1", [
        tenant,
        foldedAddress(address),
      ]);
      return rows.length > 0;
    },
    async removeMany(tenant, filter) {
      const { where, values } = conditionsOf(tenant, filter);
      const rows = await database.query(
        `DELETE FROM suppressions WHERE tenant = $1 AND address IN (SELECT address FROM suppressions WHERE ${where} LIMIT ${REMOVE_AT_ONCE}) RETURNING 1`,
        values,
      );
      counted.delete(tenant);
      return rows.length;
    },
  };
}

const KIND_WORD = new RegExp(`^(${SUPPRESSION_KINDS.filter((kind) => kind !== "manual").join("|")})(?:[:,]|$)`);
const kindOf = (reason: string): SuppressionKind => (KIND_WORD.exec(reason)?.[1] as SuppressionKind) ?? "manual";

function conditionsOf(tenant: string, filter: SuppressionFilter): { where: string; values: unknown[] } {
  const { kinds, addresses, prefix, addedAfter, addedBefore } = filter;
  const values: unknown[] = [tenant];
  const parts = ["tenant = $1"];
  const add = (sql: (placeholder: string) => string, value: unknown): void => {
    values.push(value);
    parts.push(sql(`$${values.length}`));
  };
  if (addresses) add((p) => `address = ANY(${p})`, addresses.map(foldedAddress));
  if (prefix !== undefined) add((p) => `starts_with(address, ${p})`, foldedAddress(prefix));
  if (addedAfter !== undefined) add((p) => `created_at >= ${p}`, new Date(addedAfter));
  if (addedBefore !== undefined) add((p) => `created_at < ${p}`, new Date(addedBefore));
  if (kinds) add((p) => `coalesce(substring(reason from '${KIND_WORD.source}'), 'manual') = ANY(${p})`, [...kinds]);
  return { where: parts.join(" AND "), values };
}
