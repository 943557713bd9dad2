import type { MessageClass } from "../mail/index.ts";
import type { Queryable } from "../store/index.ts";

export type Suppressions = {
  /** Which of the addresses the tenant must not write to. */
  among(tenant: string, messageClass: MessageClass, addresses: readonly string[]): Promise<Set<string>>;
};

/** Secrets and security notices go out in any case: whoever could mark an address would decide who may recover an account. */
const NEVER_SUPPRESSED: ReadonlySet<MessageClass> = new Set(["C0", "C1"]);

export const suppressionsIn = (database: Queryable): Suppressions => ({
  async among(tenant, messageClass, addresses) {
    if (NEVER_SUPPRESSED.has(messageClass)) return new Set();
    const keys = addresses.map((address) => address.toLowerCase());
    const rows = await database.query<{ address: string }>(
      "SELECT address FROM suppressions WHERE tenant = $1 AND address = ANY($2)",
      [tenant, keys],
    );
    const listed = new Set(rows.map((row) => row.address));
    return new Set(addresses.filter((address) => listed.has(address.toLowerCase())));
  },
});

export async function suppress(database: Queryable, tenant: string, address: string, reason: string): Promise<void> {
  await database.query(
    "INSERT INTO suppressions (tenant, address, reason) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    [tenant, address.toLowerCase(), reason],
  );
}
