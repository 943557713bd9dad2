import type { DeliveryEvent } from "../mail/index.ts";

/** A provider's notice as it came over the wire. Header names are lower case. `url` is the whole address, as the provider called it. */
export type WebhookRequest = { method: string; url: string; headers: Readonly<Record<string, string>>; body: Buffer };

/** The secrets by which notices of one account are known; each adapter says which it needs. */
export type WebhookSecrets = {
  /** Signing key, public key (SPKI, base64 or PEM), or `whsec_…`. */
  key: string | null;
  /** `user:password` of HTTP Basic in the webhook's address. */
  basic: string | null;
  /** Amazon: the one topic that is ours. */
  topicArn: string | null;
};

/**
 * events: genuine, and this is what it says · refused: not genuine, malformed, too old or seen before (`status` is what
 * the caller gets) · confirm: the provider asks to be called back once to prove the address (Amazon SNS).
 */
export type WebhookAnswer =
  | { kind: "events"; events: DeliveryEvent[] }
  | { kind: "refused"; status: 400 | 401 | 403; reason: string }
  | { kind: "confirm"; url: string };

export type WebhookParts = {
  /** Milliseconds since the epoch; signatures with a time are refused outside of their window. */
  now: number;
  /** True once per id: what was seen within its window is refused as a replay. */
  isNew(id: string): boolean;
  /** Amazon only: the PEM of a signing certificate whose address has been checked. */
  certificate?(url: string): Promise<string | null>;
};

/** What an adapter makes of a notice. Signatures are checked over the raw octets, before anything is parsed. */
export type ReceiveWebhook = (
  request: WebhookRequest,
  secrets: WebhookSecrets,
  parts: WebhookParts,
) => Promise<WebhookAnswer> | WebhookAnswer;
