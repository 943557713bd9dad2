import { foldedAddress } from "../../mail/index.ts";
import type { Suppression, SuppressionList } from "../../tenancy/index.ts";

/** An address on the tenant's list, if it is there. */
export async function suppressed(
  list: SuppressionList,
  tenant: string,
  address: string,
): Promise<Suppression | undefined> {
  const folded = foldedAddress(address);
  if (folded === "") return undefined;
  const [found] = await list.list(tenant, 1, justBefore(folded));
  return found?.address === folded ? found : undefined;
}

/** The list is read by the address after which it goes on; this one stands right before `address`. */
const justBefore = (address: string): string =>
  address.slice(0, -1) + String.fromCharCode(address.charCodeAt(address.length - 1) - 1) + "\uffff";
