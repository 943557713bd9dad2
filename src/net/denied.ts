import { BlockList, isIP } from "node:net";
import { networkInterfaces } from "node:os";

/**
 * Where a connection made for others must never go: their webhooks, the servers of their recipients. IPv4 is a list of
 * what is not the public internet (the IANA special-purpose registry, RFC 6890); IPv6 is the reverse, only global
 * unicast may be reached at all, so every form that carries an IPv4 address inside (mapped, NAT64, 6to4, Teredo) is out
 * without being taken apart.
 */
const DENIED_V4: readonly [network: string, prefix: number, what: string][] = [
  ["0.0.0.0", 8, "this host"],
  ["10.0.0.0", 8, "a private network"],
  ["100.64.0.0", 10, "a carrier's private network"],
  ["127.0.0.0", 8, "loopback"],
  ["168.63.129.16", 32, "a cloud's control address"], // Azure's host agent: public by number, answers inside only
  ["169.254.0.0", 16, "link-local, where clouds keep their metadata"],
  ["172.16.0.0", 12, "a private network"],
  ["192.0.0.0", 24, "reserved for protocols"],
  ["192.0.2.0", 24, "reserved for documentation"],
  ["192.88.99.0", 24, "a 6to4 relay"],
  ["192.168.0.0", 16, "a private network"],
  ["198.18.0.0", 15, "reserved for measurements"],
  ["198.51.100.0", 24, "reserved for documentation"],
  ["203.0.113.0", 24, "reserved for documentation"],
  ["224.0.0.0", 4, "multicast"],
  ["240.0.0.0", 4, "reserved, or broadcast"],
];

/** RFC 4291 §2.4: what was ever given out as global unicast. */
const GLOBAL_V6: readonly [network: string, prefix: number] = ["2000::", 3];
const DENIED_V6: readonly [network: string, prefix: number, what: string][] = [
  ["2001::", 23, "reserved for protocols, Teredo among them"],
  ["2001:db8::", 32, "reserved for documentation"],
  ["2002::", 16, "6to4, an IPv4 address in disguise"],
  ["3fff::", 20, "reserved for documentation"],
];

const listOf = (network: string, prefix: number, family: "ipv4" | "ipv6"): BlockList => {
  const list = new BlockList();
  list.addSubnet(network, prefix, family);
  return list;
};
const v4 = DENIED_V4.map(([network, prefix, what]) => ({ list: listOf(network, prefix, "ipv4"), what }));
const v6 = DENIED_V6.map(([network, prefix, what]) => ({ list: listOf(network, prefix, "ipv6"), what }));
const globalV6 = listOf(...GLOBAL_V6, "ipv6");

/**
 * @param address as a resolver or an URL gives it.
 * @param own every address of this machine: a public one of ours may answer from inside what others cannot.
 * @returns what is there, or null where a tenant's request may go.
 */
export function whyDenied(address: string, own: BlockList): string | null {
  const family = isIP(address);
  if (family === 0 || address.includes("%")) return "no plain address"; // a zone names an interface of this machine
  const name = family === 4 ? "ipv4" : "ipv6";
  if (own.check(address, name)) return "this machine";
  if (family === 6 && !globalV6.check(address, "ipv6")) return "outside of the public IPv6 internet";
  return (family === 4 ? v4 : v6).find((entry) => entry.list.check(address, name))?.what ?? null;
}

/** The addresses of this machine at this moment. */
export function ownAddresses(interfaces: ReturnType<typeof networkInterfaces> = networkInterfaces()): BlockList {
  const own = new BlockList();
  for (const each of Object.values(interfaces).flat()) {
    if (each) own.addAddress(each.address.split("%")[0]!, each.family === "IPv4" ? "ipv4" : "ipv6");
  }
  return own;
}
