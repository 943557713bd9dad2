/** The pieces of a certificate (RFC 5280 §4.1) in DER. */

/** DER (ITU-T X.690 §8.1.3): tag, length, content. */
export function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const octets = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...octets]), content]);
}
export const sequence = (...parts: Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts));
export const oid = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, "hex"));
/** A name of one part, its commonName. */
export const nameOf = (commonName: string): Buffer =>
  sequence(tagged(0x31, sequence(oid("550403"), tagged(0x0c, Buffer.from(commonName)))));
/** The extension subjectAltName with its dNSNames (RFC 5280 §4.2.1.6). */
export const alternativeNames = (names: readonly string[]): Buffer =>
  sequence(oid("551d11"), tagged(0x04, sequence(...names.map((name) => tagged(0x82, Buffer.from(name))))));
/** UTCTime, `261125093000Z` (RFC 5280 §4.1.2.5.1: so until 2049; no lab lives longer). */
export const time = (ms: number): Buffer =>
  tagged(0x17, Buffer.from(`${new Date(ms).toISOString().slice(2, 19).replace(/[-:T]/g, "")}Z`));

export function pemOf(certificate: Buffer): string {
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
