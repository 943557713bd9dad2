import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { DAY_MS } from "../../kernel/index.ts";
import { alternativeNames, nameOf, oid, pemOf, sequence, tagged, time } from "./der.ts";

/** A key of the lab's own and the certificate for it, in PEM, signed by itself. */
export type SelfSigned = { key: KeyObject; certificate: string };

/** RSA is what Amazon SNS signs with; a P-256 key is made a hundred times as fast. */
const KINDS = {
  rsa: {
    make: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
    algorithm: () => sequence(oid("2a864886f70d01010b"), tagged(0x05, Buffer.alloc(0))), // sha256WithRSAEncryption
  },
  ec: {
    make: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
    algorithm: () => sequence(oid("2a8648ce3d040302")), // ecdsa-with-SHA256, RFC 5758 §3.2
  },
} as const;

/**
 * X.509 by hand (RFC 5280 §4.1), because Node makes keys but no certificates and the lab must run without openssl.
 * @param nowMs valid from a day before it to ten years after.
 * @param kind `ec` also gets its name as subjectAltName, which TLS clients look at.
 */
export function selfSigned(commonName: string, nowMs: number, kind: keyof typeof KINDS = "rsa"): SelfSigned {
  const { publicKey, privateKey } = KINDS[kind].make();
  const algorithm = KINDS[kind].algorithm();
  const name = nameOf(commonName);
  const signedPart = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))), // version 3
    tagged(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])), // serial number, positive
    algorithm,
    name,
    sequence(time(nowMs - DAY_MS), time(nowMs + 3_650 * DAY_MS)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    ...(kind === "ec" ? [tagged(0xa3, sequence(alternativeNames([commonName])))] : []),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign("SHA256", signedPart, privateKey)]);
  const certificate = sequence(signedPart, algorithm, tagged(0x03, signature));
  return { key: privateKey, certificate: pemOf(certificate) };
}
