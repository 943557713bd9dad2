import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** A key of a twin's own and the certificate for it, in PEM, signed by itself. RSA, as Amazon SNS signs. */
export type SelfSigned = { key: KeyObject; certificate: string };

const DAY_MS = 86_400_000;

/**
 * X.509 by hand (RFC 5280 §4.1), because Node makes keys but no certificates and the lab must run without openssl.
 * @param nowMs valid from a day before it to ten years after.
 */
export function selfSigned(commonName: string, nowMs: number): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const algorithm = sequence(oid("2a864886f70d01010b"), tagged(0x05, Buffer.alloc(0))); // sha256WithRSAEncryption
  const name = sequence(tagged(0x31, sequence(oid("550403"), tagged(0x0c, Buffer.from(commonName)))));
  const signedPart = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))), // version 3
    tagged(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])), // serial number, positive
    algorithm,
    name,
    sequence(time(nowMs - DAY_MS), time(nowMs + 3_650 * DAY_MS)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign("RSA-SHA256", signedPart, privateKey)]);
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
/** UTCTime, `261125093000Z` (RFC 5280 §4.1.2.5.1: so until 2049; no lab lives longer). */
const time = (ms: number): Buffer =>
  tagged(0x17, Buffer.from(`${new Date(ms).toISOString().slice(2, 19).replace(/[-:T]/g, "")}Z`));
