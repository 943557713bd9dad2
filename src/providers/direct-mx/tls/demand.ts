import { type MessageClass, classNumber } from "../../../mail/index.ts";
import type { Tlsa } from "../dns/answers.ts";
import { isUsable } from "./dane.ts";
import { type StsPolicy, stsNames } from "./sts-policy.ts";

/** What DNS tells of a host's keys. `failed`: perhaps there are records, and nobody knows. */
export type TlsaState =
  | { kind: "none" }
  | {
      kind: "records";
      records: readonly Tlsa[];
      /** The name they stand for, and that the certificate must bear. */ base: string;
    }
  | { kind: "failed" };

/** How one host may be given a message of a class, and who demands it. */
export type TlsDemand =
  /** The certificate must match one of the records. */
  | { kind: "dane"; records: readonly Tlsa[]; base: string }
  /** The certificate must be good for the host's name. */
  | { kind: "verified"; by: "mta-sts" | "class" }
  /** TLS, with whatever certificate. */
  | { kind: "encrypted"; by: "dane" | "class" }
  /** TLS where there is TLS. */
  | { kind: "opportunistic" }
  /** Not to this host at all. */
  | { kind: "unusable"; cause: "dane-unknown" | "mta-sts-mismatch" };

/** C0: a code that someone on the way could use. */
const VERIFIED_UP_TO = classNumber("C0");
/** C1: never in clear. */
const ENCRYPTED_UP_TO = classNumber("C1");

/**
 * The strictest of what the domain publishes and of what the class needs.
 * 1. DANE: usable records decide alone, and where they cannot be asked for, the host is not used (RFC 7672 §2.1.2, §2.2).
 * 2. MTA-STS in mode enforce (RFC 8461 §5); it never weakens DANE (§2).  3. The class.  4. TLS where it is offered.
 */
export function tlsDemand(
  host: string,
  { tlsa, sts, messageClass }: { tlsa: TlsaState; sts: StsPolicy | null; messageClass: MessageClass },
): TlsDemand {
  if (tlsa.kind === "failed") return { kind: "unusable", cause: "dane-unknown" };
  if (tlsa.kind === "records" && tlsa.records.some(isUsable))
    return { kind: "dane", records: tlsa.records, base: tlsa.base };
  if (sts?.mode === "enforce")
    return stsNames(sts, host) ? { kind: "verified", by: "mta-sts" } : { kind: "unusable", cause: "mta-sts-mismatch" };
  const number = classNumber(messageClass);
  if (number <= VERIFIED_UP_TO) return { kind: "verified", by: "class" };
  // RFC 7672 §2.2: records of which none is usable still say that there is TLS.
  if (tlsa.kind === "records") return { kind: "encrypted", by: "dane" };
  return number <= ENCRYPTED_UP_TO ? { kind: "encrypted", by: "class" } : { kind: "opportunistic" };
}
