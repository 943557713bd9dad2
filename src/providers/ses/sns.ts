import { verify, X509Certificate } from "node:crypto";
import type { JsonRecord } from "../json-reading.ts";

/**
 * The envelope in which Amazon SNS calls a web address, and its proof. Sources: SNS developer guide, "HTTP/S notification
 * JSON format", "Verifying the signatures of Amazon SNS messages", "Message delivery retries" (seen 2026-11-25).
 */
export type SnsNotice = {
  type: "Notification" | "SubscriptionConfirmation" | "UnsubscribeConfirmation";
  /** As it was received: only texts are signed. */
  fields: JsonRecord;
};

/** What is signed, in this order; a field that may be absent is then left out. */
const SIGNED: Record<SnsNotice["type"], readonly string[]> = {
  Notification: ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
  SubscriptionConfirmation: ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
  UnsubscribeConfirmation: ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
};

/**
 * SNS tries for at most 3,600 s and leaves the time of its notice as it was: an hour's outage of ours must not cost events
 * for good. What comes twice within it is known by its id.
 */
export const SNS_WINDOW_MS = 65 * 60_000;
/** Clocks differ; by more than this they are wrong. */
const AHEAD_MS = 5 * 60_000;

/** Signature version 1 is SHA-1; 2 is SHA-256, and what a topic should be set to. */
const HASHES: Readonly<Record<string, string>> = { "1": "RSA-SHA1", "2": "RSA-SHA256" };

export function snsNoticeOf(fields: JsonRecord): SnsNotice | null {
  const type = fields["Type"];
  return typeof type === "string" && Object.hasOwn(SIGNED, type) ? { type: type as SnsNotice["type"], fields } : null;
}

/** @returns null where a field that must be signed is missing, or is no text. */
export function signedText({ type, fields }: SnsNotice): string | null {
  let text = "";
  for (const name of SIGNED[type]) {
    const value = fields[name];
    if (name === "Subject" && (value === undefined || value === null)) continue;
    if (typeof value !== "string") return null;
    text += `${name}\n${value}\n`;
  }
  return text;
}

const HOST = /^sns\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?$/;

/**
 * An address of SNS itself. `https` on its own port, without a login: nothing else is ever called for a notice that is not
 * proven yet (SSRF).
 */
export function isAddressOfSns(text: unknown): text is string {
  if (typeof text !== "string" || text.length > 2_000 || !URL.canParse(text)) return false;
  const url = new URL(text);
  // What a parser mends (controls, backslashes, case) another one may read differently.
  if (!/^https:\/\/[a-z0-9.-]+\/[!-[\]-~]*$/.test(text) || !text.startsWith(`https://${url.hostname}/`)) return false;
  return url.port === "" && url.username === "" && url.password === "" && HOST.test(url.hostname);
}

/** Where a certificate may come from: one file at the root, nothing that an API call could answer. */
export const isCertificateAddress = (text: unknown): text is string =>
  isAddressOfSns(text) && /^https:\/\/[^/]+\/[A-Za-z0-9._-]+\.pem$/.test(text);

export function isInWindow(timestamp: unknown, nowMs: number): boolean {
  const at = typeof timestamp === "string" ? Date.parse(timestamp) : Number.NaN;
  return !Number.isNaN(at) && nowMs - at <= SNS_WINDOW_MS && at - nowMs <= AHEAD_MS;
}

/** @param pem of the certificate, from an address that has been checked. */
export function isSignedBy(notice: SnsNotice, pem: string, nowMs: number): boolean {
  const { Signature, SignatureVersion } = notice.fields;
  const hash = typeof SignatureVersion === "string" ? HASHES[SignatureVersion] : undefined;
  const text = signedText(notice);
  if (hash === undefined || text === null || typeof Signature !== "string") return false;
  if (!/^[A-Za-z0-9+/]{300,2000}={0,2}$/.test(Signature)) return false;
  try {
    const certificate = new X509Certificate(pem);
    if (Date.parse(certificate.validFrom) > nowMs || Date.parse(certificate.validTo) < nowMs) return false;
    const key = certificate.publicKey;
    if (key.asymmetricKeyType !== "rsa" || (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) return false;
    return verify(hash, Buffer.from(text, "utf8"), key, Buffer.from(Signature, "base64"));
  } catch {
    return false; // no certificate, or no key of that kind
  }
}
