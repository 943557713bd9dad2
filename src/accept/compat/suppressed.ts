import type { Suppression, SuppressionList } from "../../tenancy/index.ts";

/** An address on the tenant's list, if it is there. */
export async function suppressed(
  list: SuppressionList,
  tenant: string,
  address: string,
): Promise<Suppression | undefined> {
  const [found] = await list.list(tenant, 1, null, { addresses: [address] });
  return found;
}
