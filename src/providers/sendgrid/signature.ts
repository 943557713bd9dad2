import { createPublicKey, type KeyObject, verify } from "node:crypto";

/**
 * The signed Event Webhook: ECDSA over P-256 with SHA-256, of the time as it stands in its header followed by the body,
 * octet for octet; the signature is base64 of DER (SendGrid, "Getting started with the Event Webhook security features",
 * and its own client's `EventWebhook`; seen 2026-11-25).
 */
export const SIGNATURE_HEADER = "x-twilio-email-event-webhook-signature";
export const TIMESTAMP_HEADER = "x-twilio-email-event-webhook-timestamp";

const BASE64 = /^[A-Za-z0-9+/]{16,200}={0,2}$/;

/** As the settings page shows it (SPKI, DER, base64) or as PEM. Null where it is no P-256 key. */
export function publicKeyOf(text: string): KeyObject | null {
  try {
    const key = text.includes("-----BEGIN")
      ? createPublicKey(text)
      : createPublicKey({ key: Buffer.from(text.replace(/\s+/g, ""), "base64"), format: "der", type: "spki" });
    return key.asymmetricKeyDetails?.namedCurve === "prime256v1" ? key : null;
  } catch {
    return null;
  }
}

export function isSignedBy(key: KeyObject, signed: { timestamp: string; body: Buffer; signature: string }): boolean {
  const { timestamp, body, signature } = signed;
  if (!BASE64.test(signature)) return false;
  try {
    const octets = Buffer.concat([Buffer.from(timestamp, "latin1"), body]);
    return verify("sha256", octets, { key, dsaEncoding: "der" }, Buffer.from(signature, "base64"));
  } catch {
    return false; // no DER signature at all
  }
}
