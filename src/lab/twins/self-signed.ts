import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** A key of the lab's own and the certificate for it, in PEM, signed by itself. */
export type SelfSigned = { key: KeyObject; certificate: string };

const DAY_MS = 86_400_000;

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
  const name = sequence(tagged(0x31, sequence(oid("550403"), tagged(0x0c, Buffer.from(commonName)))));
  const signedPart = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))), // version 3
    tagged(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])), // serial number, positive
    algorithm,
    name,
    sequence(time(nowMs - DAY_MS), time(nowMs + 3_650 * DAY_MS)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    ...(kind === "ec" ? [tagged(0xa3, sequence(dnsName(commonName)))] : []),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign("SHA256", signedPart, privateKey)]);
  const certificate = sequence(signedPart, algorithm, tagged(0x03, signature));
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    key: privateKey,
    certificate: ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n"),
  };
}

/** DER (ITU-T X.690 §8.1.3): tag, length, content. */
function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const octets = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...octets]), content]);
}
const sequence = (...parts: Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts));
const oid = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, "hex"));
/** The extension subjectAltName with one dNSName (RFC 5280 §4.2.1.6). */
const dnsName = (name: string): Buffer =>
  sequence(oid("551d11"), tagged(0x04, sequence(tagged(0x82, Buffer.from(name)))));
/** UTCTime, `261125093000Z` (RFC 5280 §4.1.2.5.1: so until 2049; no lab lives longer). */
const time = (ms: number): Buffer =>
  tagged(0x17, Buffer.from(`${new Date(ms).toISOString().slice(2, 19).replace(/[-:T]/g, "")}Z`));
