import type { X509Certificate } from "node:crypto";
import type { ConnectionOptions, SecureContext, TLSSocket } from "node:tls";
import type { Loss } from "../../losses.ts";
import type { Tlsa } from "../dns/answers.ts";
import { daneMatches } from "./dane.ts";
import type { TlsDemand } from "./demand.ts";

/** Servers of mail send two or three certificates. */
const CHAIN = 10;

/** How a connection to a host is secured, and what is looked at once it is. */
export type PeerCheck = {
  tlsOptions: ConnectionOptions;
  checkPeer(peer: TLSSocket): Loss | null;
};

/**
 * @param domain whose mail it is: a certificate may bear its name too where DANE names its issuer (RFC 7672 §3.2.2).
 * @param onPeer what a look without consequence found, for reports.
 */
export function peerCheck(
  demand: Exclude<TlsDemand, { kind: "unusable" }>,
  to: {
    host: string;
    domain: string;
    secureContext: SecureContext;
    nowMs: () => number;
    onPeer: (fault: string | null) => void;
  },
): PeerCheck {
  // RFC 7672 §8.1: the name asked for is the one the records stand for.
  const serverName = demand.kind === "dane" ? demand.base : to.host;
  return {
    tlsOptions: {
      host: serverName,
      servername: serverName,
      rejectUnauthorized: demand.kind === "verified",
      secureContext: to.secureContext,
    },
    checkPeer(peer) {
      to.onPeer(peer.authorized ? null : String(peer.authorizationError));
      switch (demand.kind) {
        case "dane": {
          const names = [demand.base, to.host, to.domain];
          return matchesDane(peer, demand.records, names, to.nowMs())
            ? null
            : { cause: "dane-mismatch", diagnostic: "The certificate matches none of the domain's TLSA records." };
        }
        case "verified":
          return peer.authorized ? null : { cause: "tls-certificate-invalid" };
        case "encrypted":
        case "opportunistic":
          return null;
      }
    },
  };
}

/** What a server sends as a certificate can hold keys that nobody here can read: then it matches nothing. */
function matchesDane(peer: TLSSocket, records: readonly Tlsa[], names: readonly string[], nowMs: number): boolean {
  try {
    return daneMatches(records, chainOf(peer), names, nowMs);
  } catch {
    return false;
  }
}

/** The server's certificate and those that lead up from it, as far as it sent them or Node.js knows them. */
function chainOf(peer: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next = peer.getPeerX509Certificate();
  while (next && chain.length < CHAIN && !chain.some((one) => one.fingerprint256 === next!.fingerprint256)) {
    chain.push(next);
    next = next.issuerCertificate;
  }
  return chain;
}
