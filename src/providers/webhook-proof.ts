import { createHash, timingSafeEqual } from "node:crypto";
import type { WebhookAnswer, WebhookRequest } from "./events.ts";

/** A notice signed longer ago, or further ahead, than this may be a recording played back. */
export const WEBHOOK_WINDOW_S = 300;

/** Takes the same time whatever differs, lengths included. */
export const sameSecret = (one: string | Buffer, other: string | Buffer): boolean =>
  timingSafeEqual(digest(one), digest(other));
const digest = (value: string | Buffer): Buffer => createHash("sha256").update(value).digest();

/** `Authorization: Basic …` of the webhook's address (RFC 7617 §2). @param basic `user:password`; null asks for none. */
export function isKnownCaller(request: WebhookRequest, basic: string | null): boolean {
  if (basic === null) return true;
  const given = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(request.headers["authorization"] ?? "")?.[1];
  return given !== undefined && sameSecret(Buffer.from(given, "base64"), basic);
}

/** @param signedAtS as the provider wrote it: whole seconds since the epoch, nothing else. */
export function isWithinWindow(signedAtS: string, nowMs: number): boolean {
  if (!/^\d{1,12}$/.test(signedAtS)) return false;
  return Math.abs(nowMs / 1000 - Number(signedAtS)) <= WEBHOOK_WINDOW_S;
}

export const refused = (status: 400 | 401 | 403, reason: string): WebhookAnswer => ({
  kind: "refused",
  status,
  reason,
});

const RESPONSE_CHARACTERS = 300;

// oxlint-disable-next-line no-control-regex
const UNPRINTABLE = /[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** What a receiving server said, as DeliveryEvent keeps it: one line, no controls, at most 300 characters. */
export function oneLine(text: string | null): string | null {
  if (text === null) return null;
  const line = text.slice(0, 2_000).replace(UNPRINTABLE, " ").trim();
  return line === "" ? null : line.slice(0, RESPONSE_CHARACTERS).toWellFormed();
}
