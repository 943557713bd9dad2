import { createPrivateKey } from "node:crypto";
import type { WebhookFormat } from "../mail/index.ts";

/** Secrets that somebody chose: shorter ones can be guessed by whoever sees one signature. */
const LEAST_LENGTH = 16;

/** Why a secret cannot play the part it has in a webhook's format; null: it can. */
export function whyUnfit(format: WebhookFormat, secret: string): string | null {
  switch (format) {
    case "postern":
    case "resend":
      return isStandardSecret(secret)
        ? null
        : 'must be "whsec_" and the base64 of 24 to 64 random bytes: echo "whsec_$(openssl rand -base64 32)" makes one.';
    case "mandrill":
    case "mailgun":
      return secret.length >= LEAST_LENGTH
        ? null
        : `is shorter than ${LEAST_LENGTH} characters: take the key your application verifies with, or openssl rand -hex 24.`;
    case "sendgrid":
      return isSigningKey(secret)
        ? null
        : "must be an EC private key on the curve P-256 as PEM, best by file:PATH: openssl ecparam -name prime256v1 -genkey -noout -out sendgrid.pem makes one.";
    case "postmark":
    case "ses":
      return isCaller(secret)
        ? null
        : `must be user:password (HTTP Basic) or "X-Name: value" (a header field), with at least ${LEAST_LENGTH} characters of password or value: this format has no signature.`;
  }
}

/** Standard Webhooks: whsec_ and the base64 of 24 to 64 random bytes. */
function isStandardSecret(secret: string): boolean {
  const key = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret);
  const bytes = key ? Buffer.from(key[1]!, "base64").length : 0;
  return bytes >= 24 && bytes <= 64;
}

function isSigningKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyDetails?.namedCurve === "prime256v1";
  } catch {
    return false;
  }
}

/** Both end up in a header field, so only what may stand in one is taken (RFC 9110 §5.5). */
function isCaller(secret: string): boolean {
  const field = /^X-[A-Za-z0-9-]{1,60}: ([\x21-\x7e]{1,500})$/i.exec(secret)?.[1];
  const password = /^[^:\s]{1,100}:(\S[^\r\n]{0,500})$/.exec(secret)?.[1];
  return (field ?? password ?? "").length >= LEAST_LENGTH;
}
