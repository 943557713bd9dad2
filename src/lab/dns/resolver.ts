import { Resolver } from "node:dns/promises";
import type { Address } from "../../config/index.ts";

/** What checks of SPF, DKIM and DMARC ask with. Throws as node:dns does: ENOTFOUND, ENODATA, ESERVFAIL, ETIMEOUT. */
export type AskDns = (name: string, type: string) => Promise<string[][] | string[]>;

const TIMEOUT_MS = 2_000;

/** A client of the nameserver at `address`, and of no other: what this machine's own resolver says plays no part. */
export function resolverOf({ host, port }: Address, timeoutMs = TIMEOUT_MS): AskDns {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 2, maxTimeout: timeoutMs });
  resolver.setServers([host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`]);
  return async (name, type) => (await resolver.resolve(name, type)) as string[][] | string[];
}
