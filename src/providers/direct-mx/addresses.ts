import { BlockList, isIP } from "node:net";
import { ownAddresses, whyDenied } from "../../net/index.ts";
import type { Ask } from "./dns/answers.ts";

/** Where one host is. `authentic`: both families' answers are, or say that there is nothing (RFC 7672 §2.2). */
export type Addresses =
  | { kind: "addresses"; addresses: string[]; canonical: string; authentic: boolean; ttlS: number }
  /** All it has lead where nothing may be sent. */
  | { kind: "denied"; why: string }
  | { kind: "none" }
  | { kind: "failed" };

/** RFC 5321 §5.1: of one host too, several are tried; more than these are a resolver's joke. */
const ADDRESSES_OF_HOST = 4;

/** Networks that are named in the configuration and may be reached though they are not public. */
export function networksOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", prefix = ""] = network.split("/");
    list.addSubnet(address, Number(prefix), isIP(address) === 6 ? "ipv6" : "ipv4");
  }
  return list;
}

/** IPv4 first: the greatest receivers ask more of senders over IPv6 (reverse name, SPF or DKIM), and it works everywhere. */
export async function addressesOf(host: string, ask: Ask, permitted: BlockList): Promise<Addresses> {
  const [four, six] = await Promise.all([ask(host, "A"), ask(host, "AAAA")]);
  const both = [four, six] as const;
  const found = both.flatMap((one) => (one.kind === "records" ? one.records : []));
  if (found.length === 0) return { kind: both.some((one) => one.kind === "failed") ? "failed" : "none" };
  const own = ownAddresses();
  const why = found.map((address) => (isPermitted(address, permitted) ? null : whyDenied(address, own)));
  const addresses = found.filter((_, n) => why[n] === null).slice(0, ADDRESSES_OF_HOST);
  if (addresses.length === 0) return { kind: "denied", why: why.find((one) => one !== null)! };
  const known = both.flatMap((one) => (one.kind === "records" ? [one] : []));
  return {
    kind: "addresses",
    addresses,
    canonical: known[0]!.canonical,
    authentic: both.every((one) => one.kind !== "failed" && one.authentic),
    ttlS: Math.min(...known.map((one) => one.ttlS)),
  };
}

const isPermitted = (address: string, permitted: BlockList): boolean =>
  permitted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
