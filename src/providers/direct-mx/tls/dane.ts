import { createHash, type X509Certificate } from "node:crypto";
import type { Tlsa } from "../dns/answers.ts";

const DIGEST_OCTETS = new Map([
  [1, 32],
  [2, 64],
]);

/**
 * May this record be used for SMTP? RFC 7672 §3.1: usages 2 (DANE-TA) and 3 (DANE-EE); 0 and 1 are unusable (RFC 7672 §3.1.3),
 * as is what nobody defined.
 */
export function isUsable({ usage, selector, matchingType, data }: Tlsa): boolean {
  if ((usage !== 2 && usage !== 3) || (selector !== 0 && selector !== 1)) return false;
  return matchingType === 0 ? data.length > 0 : DIGEST_OCTETS.get(matchingType) === data.length;
}

/**
 * Does the chain a server presented match one of its domain's records?
 * 3: the server's own key or certificate, whatever names and dates it bears (RFC 7672 §3.1.1). 2: a certificate further
 * up, with every step to it signed, in date, and the server's certificate naming one of `names` (RFC 7672 §3.1.2, §3.2.2).
 * @param chain the server's certificate first, each followed by its issuer.
 */
export function daneMatches(
  records: readonly Tlsa[],
  chain: readonly X509Certificate[],
  names: readonly string[],
  nowMs: number,
): boolean {
  return records.filter(isUsable).some((record) => {
    if (record.usage === 3) return chain[0] !== undefined && matches(record, chain[0]);
    const anchor = chain.findIndex((certificate, n) => n > 0 && matches(record, certificate));
    return anchor > 0 && leadsTo(chain.slice(0, anchor + 1), names, nowMs);
  });
}

function matches({ selector, matchingType, data }: Tlsa, certificate: X509Certificate): boolean {
  const selected = selector === 0 ? certificate.raw : certificate.publicKey.export({ type: "spki", format: "der" });
  if (matchingType === 0) return selected.equals(data);
  return createHash(matchingType === 1 ? "sha256" : "sha512")
    .update(selected)
    .digest()
    .equals(data);
}

function leadsTo(chain: readonly X509Certificate[], names: readonly string[], nowMs: number): boolean {
  const leaf = chain[0]!;
  if (!names.some((name) => leaf.checkHost(name, { subject: "default" }) !== undefined)) return false;
  return chain.every((certificate, n) => {
    if (!isInDate(certificate, nowMs) || (n > 0 && !certificate.ca)) return false;
    const issuer = chain[n + 1];
    return issuer === undefined || (certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey));
  });
}

const isInDate = ({ validFrom, validTo }: X509Certificate, nowMs: number): boolean =>
  Date.parse(validFrom) <= nowMs && nowMs <= Date.parse(validTo);
