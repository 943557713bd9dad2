import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from "node:crypto";
import { BlockList, isIP } from "node:net";
import type { TenantSettings } from "../config/index.ts";

export type Identity = { tenant: string; credential: string };
export type Credentials = {
  byPassword(username: string, password: string): Identity | null;
  byApiKey(apiKey: string): Identity | null;
  byAddress(address: string): Identity | null;
};

/**
 * Secrets are compared as HMACs under a key drawn at start: equal work and equal time for every guess, and a memory
 * dump holds no list of passwords to look up.
 */
export function credentialsOf(tenants: readonly TenantSettings[]): Credentials {
  const pepper = createSecretKey(randomBytes(32));
  const digest = (text: string): Buffer => createHmac("sha256", pepper).update(text).digest();
  const passwords = new Map<string, { identity: Identity; digest: Buffer }>();
  const apiKeys = new Map<string, Identity>();
  const networks: { identity: Identity; list: BlockList }[] = [];
  for (const tenant of tenants) {
    for (const one of tenant.credentials) {
      const identity = { tenant: tenant.name, credential: one.name };
      if (one.username !== null && one.password)
        passwords.set(one.username, { identity, digest: digest(one.password.reveal()) });
      if (one.apiKey) apiKeys.set(digest(one.apiKey.reveal()).toString("hex"), identity);
      if (one.networks.length > 0) networks.push({ identity, list: blockListOf(one.networks) });
    }
  }
  const nobody = digest(randomBytes(32).toString("hex"));
  return {
    byPassword(username, password) {
      const known = passwords.get(username);
      const same = timingSafeEqual(digest(password), known?.digest ?? nobody); // also for unknown names: same time
      return known && same ? known.identity : null;
    },
    byApiKey: (apiKey) => apiKeys.get(digest(apiKey).toString("hex")) ?? null,
    byAddress(address) {
      const plain = address.startsWith("::ffff:") ? address.slice(7) : address;
      const family = isIP(plain) === 6 ? "ipv6" : "ipv4";
      return networks.find((network) => network.list.check(plain, family))?.identity ?? null;
    },
  };
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address, bits] = network.split("/") as [string, string];
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? "ipv6" : "ipv4");
  }
  return list;
}
