import { createHash, createHmac } from "node:crypto";
import type { Secret } from "../kernel/index.ts";

/** Standard Webhooks 1.0.0, symmetric scheme: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */

/**
 * The id by which a receiver knows an event again, however often it comes: the same for every try and every webhook.
 * A hash, because the numbers of events would tell one tenant how much mail the others send.
 */
export const webhookId = (spoolId: string, eventId: number): string =>
  `evt_${createHash("sha256").update(`${spoolId} ${eventId}`).digest("hex").slice(0, 32)}`;

/**
 * The headers of one try. What is signed is `id.timestamp.body`; `now` is the time of this try, so that a receiver may
 * refuse old ones.
 * @param secret `whsec_` and base64; config has checked it.
 */
export function signedHeaders(id: string, body: Buffer, secret: Secret, now: number): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const key = Buffer.from(secret.reveal().slice("whsec_".length), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}
