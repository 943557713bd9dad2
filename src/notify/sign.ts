import { createHash, createHmac } from "node:crypto";
import type { Secret } from "../kernel/index.ts";

/** Standard Webhooks 1.0.0, symmetric scheme: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */

/**
 * The id by which a receiver knows an event again, however often it comes: the same for every try and every webhook.
 * A hash, because the numbers of events would tell one tenant how much mail the others send.
 */
export const webhookId = (spoolId: string, eventId: number | string): string =>
  `evt_${createHash("sha256").update(`${spoolId} ${eventId}`).digest("hex").slice(0, 32)}`;

/**
 * What shows that a try is ours. What is signed is `id.timestamp.body`; `now` is the time of this try, so that a receiver
 * may refuse old ones.
 * @param secret `whsec_` and base64; config has checked it.
 */
export function signature(
  id: string,
  body: Buffer,
  secret: Secret,
  now: number,
): { timestamp: string; signature: string } {
  const timestamp = String(Math.floor(now / 1000));
  const key = Buffer.from(secret.reveal().slice("whsec_".length), "base64");
  const proof = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
  return { timestamp, signature: `v1,${proof}` };
}

/** The headers of one try. */
export function signedHeaders(id: string, body: Buffer, secret: Secret, now: number): Record<string, string> {
  const signed = signature(id, body, secret, now);
  return { "webhook-id": id, "webhook-timestamp": signed.timestamp, "webhook-signature": signed.signature };
}
