import type { DomainRoute, MailHost } from "../routes.ts";
import type { TlsaState } from "../tls/demand.ts";
import type { StsFound } from "../tls/sts-store.ts";

/** What a try at one host showed of its TLS (RFC 8460 §4.3). */
export type TlsSession = {
  /** The domain whose policy it was. */
  domain: string;
  policy: PolicySeen;
  host: string;
  address: string;
  fault: TlsFault | null;
};

export type PolicySeen =
  | { type: "tlsa"; strings: readonly string[] }
  | { type: "sts"; strings: readonly string[]; mx: readonly string[] }
  | { type: "no-policy-found" };

/** Result types of RFC 8460 §4.3. */
export type TlsFault =
  | "starttls-not-supported"
  | "certificate-host-mismatch"
  | "certificate-expired"
  | "certificate-not-trusted"
  | "validation-failure"
  | "dnssec-invalid"
  | "sts-policy-fetch-error"
  | "sts-policy-invalid"
  | "sts-webpki-invalid";

/** What the end of a try tells of TLS; null: it was no matter of TLS. */
function faultOf(cause: string, diagnostic = ""): TlsFault | null {
  switch (cause) {
    case "tls-unavailable":
      return "starttls-not-supported";
    case "tls-certificate-invalid":
      return certificateFault(diagnostic);
    case "tls-failed":
    case "dane-mismatch":
    case "mta-sts-mismatch":
      return "validation-failure";
    case "dane-unknown":
      return "dnssec-invalid";
    default:
      return null;
  }
}

/** By Node's error codes and OpenSSL's words for them (Node.js TLS page, seen 2026-11-25). */
const certificateFault = (said: string): TlsFault => {
  if (/altnames|ALTNAME|HOSTNAME_MISMATCH/.test(said)) return "certificate-host-mismatch";
  return /expired|not yet valid|CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/i.test(said)
    ? "certificate-expired"
    : "certificate-not-trusted";
};

/** One try that reached a host, as it is told by deliver.ts. */
export type TlsTry = {
  domain: string;
  route: DomainRoute;
  host: MailHost;
  address: string;
  /** Why it went no further; null: the host talked about the message. */
  cause: string | null;
  diagnostic: string | undefined;
  /** What was wrong with the certificate though nothing came of it; IN_CLEAR: there was none. */
  peerFault: string | null;
};
export type OnTls = (one: TlsTry) => void;

/** Stands for the certificate that was never shown. */
export const IN_CLEAR = "in clear";

/** A try as a session to count; null: nothing was learned of TLS. */
export function sessionOf({ domain, route, host, address, cause, diagnostic, peerFault }: TlsTry): TlsSession | null {
  const failed = cause === null ? null : faultOf(cause, diagnostic);
  if (cause !== null && failed === null) return null;
  const policy = policySeen(route.sts, host.tlsa);
  return { domain, policy, host: host.name, address, fault: failed ?? quietFault(route.sts, peerFault) };
}

function policySeen(sts: StsFound, tlsa: TlsaState): PolicySeen {
  if (tlsa.kind === "records") {
    const strings = tlsa.records.map(
      ({ usage, selector, matchingType, data }) => `${usage} ${selector} ${matchingType} ${data.toString("hex")}`,
    );
    return { type: "tlsa", strings };
  }
  if (sts.policy === null || sts.policy.mode === "none") return { type: "no-policy-found" };
  return { type: "sts", strings: sts.text.split(/\r?\n/).filter((line) => line !== ""), mx: sts.policy.mx };
}

/** What did not stop the message and is told all the same: mode testing is made for that (RFC 8461 §5.1). */
function quietFault(sts: StsFound, peerFault: string | null): TlsFault | null {
  if (peerFault === IN_CLEAR) return "starttls-not-supported";
  if (sts.policy?.mode === "testing" && peerFault !== null) return certificateFault(peerFault);
  return sts.policy === null && sts.trouble !== null ? TROUBLES[sts.trouble] : null;
}

const TROUBLES = {
  fetch: "sts-policy-fetch-error",
  certificate: "sts-webpki-invalid",
  invalid: "sts-policy-invalid",
} as const satisfies Record<NonNullable<StsFound["trouble"]>, TlsFault>;
