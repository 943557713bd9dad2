import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from "node:crypto";
import { BlockList, isIP } from "node:net";
import type { TenantSettings } from "../config/index.ts";
import type { Secret } from "../kernel/index.ts";

export type Identity = { tenant: string; credential: string };
/** Of a request signed with Signature Version 4: `date` as 20261125. */
export type SigningScope = { date: string; region: string; service: string };
export type Credentials = {
  byPassword(username: string, password: string): Identity | null;
  byApiKey(apiKey: string): Identity | null;
  byAddress(address: string): Identity | null;
  /** The key that requests of that scope are signed with, and whose it is; the secret it is made of stays here. */
  signingKey(accessKeyId: string, scope: SigningScope): { identity: Identity; key: Buffer } | null;
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
  const signers = new Map<string, { identity: Identity; secret: Secret }>();
  const networks: { identity: Identity; list: BlockList }[] = [];
  for (const tenant of tenants) {
    for (const one of tenant.credentials) {
      const identity = { tenant: tenant.name, credential: one.name };
      if (one.username !== null && one.password)
        passwords.set(one.username, { identity, digest: digest(one.password.reveal()) });
      if (one.apiKey) apiKeys.set(digest(one.apiKey.reveal()).toString("hex"), identity);
      // The one secret that has to be kept as it is: a signature can be checked with it alone.
      if (one.aws) signers.set(one.aws.accessKeyId, { identity, secret: one.aws.secretAccessKey });
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
    signingKey(accessKeyId, scope) {
      const known = signers.get(accessKeyId);
      return known ? { identity: known.identity, key: signingKeyOf(known.secret, scope) } : null;
    },
  };
}

/** "Create a signed AWS API request", step 4 (AWS IAM User Guide, seen 2026-11-25): a key for one day, region and service. */
function signingKeyOf(secret: Secret, { date, region, service }: SigningScope): Buffer {
  const first = Buffer.from(`AWS4${secret.reveal()}`);
  return [date, region, service, "aws4_request"].reduce<Buffer>((key, text) => hmac(key, text), first);
}

const hmac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address, bits] = network.split("/") as [string, string];
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? "ipv6" : "ipv4");
  }
  return list;
}
