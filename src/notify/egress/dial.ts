import { Resolver } from "node:dns/promises";
import { BlockList, connect as netConnect, isIP, type Socket } from "node:net";
import { checkServerIdentity, connect as tlsConnect, type TLSSocket } from "node:tls";
import type { Clock } from "../../kernel/index.ts";
import { ownAddresses, whyDenied } from "../../net/index.ts";
import { type EgressRefusal, type Permitted, type Target, whyNotPublic } from "./target.ts";

/** Every address of a name, in the order in which they are to be tried; none where there is none. */
export type Resolve = (name: string) => Promise<string[]>;
/** Opens a TCP connection to an address, never to a name. */
export type Connect = (to: { host: string; port: number }) => Socket;

export type DialParts = {
  clock: Clock;
  resolve: Resolve;
  connect: Connect;
  permitted: readonly Permitted[];
  /** See EgressParts. */
  privateNetworks: BlockList;
  /** Trusted instead of the roots that come with Node.js; for tests. */
  ca: string | null;
  connectTimeoutMs: number;
};

/** Thrown where a connection is not made on purpose. */
export class EgressRefused extends Error {
  readonly refusal: EgressRefusal;
  constructor(refusal: EgressRefusal) {
    super(refusal.sentence);
    this.name = "EgressRefused";
    this.refusal = refusal;
  }
}

/** An address that does not answer must not make the others of a name useless; more than three are a resolver's joke. */
const MOST_TRIED = 3;

/**
 * Connects to the host of a target: resolves once, checks every address, connects to a checked address (so that a second
 * answer of the resolver is never asked for) and holds the certificate against the name.
 * @throws EgressRefused; otherwise what the last try ended with.
 */
export async function dial(target: Target, parts: DialParts): Promise<TLSSocket> {
  const addresses = target.address === null ? await parts.resolve(target.host) : [target.address];
  if (addresses.length === 0) {
    throw new EgressRefused({ code: "egress-unresolved", sentence: `The name ${target.host} has no address.` });
  }
  const own = ownAddresses();
  for (const address of addresses) {
    if (parts.permitted.some((one) => one.address === address && one.port === target.port)) continue;
    if (isInside(address, parts.privateNetworks)) continue;
    // Asked for an address of no such network, nothing is allowed but what is allowed everywhere.
    const notPublic = parts.permitted.some((one) => one.port === target.port) ? null : whyNotPublic(target);
    if (notPublic) throw new EgressRefused(notPublic);
    const why = whyDenied(address, own);
    if (why !== null) {
      throw new EgressRefused({
        code: "egress-address-denied",
        sentence: `A webhook must be on the public internet: ${target.host} leads to ${why}.`,
      });
    }
  }
  let last: unknown;
  for (const address of addresses.slice(0, MOST_TRIED)) {
    try {
      return await connectTo(address, target, parts);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

/** Networks as CIDR. */
export function networksOf(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [network = "", prefix] = cidr.split("/");
    list.addSubnet(network, Number(prefix), isIP(network) === 4 ? "ipv4" : "ipv6");
  }
  return list;
}

const isInside = (address: string, networks: BlockList): boolean =>
  networks.rules.length > 0 && isIP(address) !== 0 && networks.check(address, isIP(address) === 4 ? "ipv4" : "ipv6");

function connectTo(address: string, target: Target, parts: DialParts): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = parts.connect({ host: address, port: target.port });
    const secured = tlsConnect({
      socket,
      // RFC 6066 §3: an address is no server name.
      ...(target.address === null ? { servername: target.host } : {}),
      checkServerIdentity: (_name, certificate) => checkServerIdentity(target.host, certificate),
      rejectUnauthorized: true, // said aloud: NODE_TLS_REJECT_UNAUTHORIZED must not reach here
      minVersion: "TLSv1.2",
      ALPNProtocols: ["http/1.1"],
      ...(parts.ca === null ? {} : { ca: parts.ca }),
    });
    const fail = (error: Error) => {
      timer.cancel();
      secured.destroy();
      socket.destroy();
      reject(error);
    };
    const timer = parts.clock.after(parts.connectTimeoutMs, () =>
      fail(Object.assign(new Error("connecting took too long"), { code: "ETIMEDOUT" })),
    );
    socket.on("error", fail);
    secured.on("error", fail); // stays: a connection kept for the next request may end at any time
    secured.once("secureConnect", () => {
      timer.cancel();
      resolve(secured);
    });
  });
}

export const systemConnect: Connect = (to) => netConnect({ host: to.host, port: to.port });

const DNS_TIMEOUT_MS = 2_000;
const DNS_TRIES = 2;

/**
 * Asks the system's name servers directly (c-ares): a slow name server of a tenant then blocks none of the threads that
 * files need, and the local hosts file cannot lead anywhere. IPv4 first: it is the family that works everywhere.
 */
export function systemResolve(servers?: readonly string[]): Resolve {
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: DNS_TRIES });
  if (servers) resolver.setServers(servers);
  return async (name) => {
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    return answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  };
}
