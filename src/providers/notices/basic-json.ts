import { createHash } from "node:crypto";
import type { DeliveryEvent } from "../../mail/index.ts";
import type { ReceiveWebhook } from "../events.ts";
import { type JsonRecord, jsonOf, recordOf, textOf } from "../json-reading.ts";
import { isKnownCaller, refused } from "../webhook-proof.ts";

/**
 * Notices that are not signed: all that tells them from anybody's is the password in their address, so what they say is a
 * hint. There is no time in them that a replay could be told by; the same octets again are taken once.
 */
export const basicJson =
  (vendor: string, eventsIn: (json: unknown) => DeliveryEvent[]): ReceiveWebhook =>
  (request, secrets, parts) => {
    if (secrets.basic === null) return refused(401, "no password is configured for this account's notices");
    if (!isKnownCaller(request, secrets.basic)) return refused(401, "wrong or missing password");
    const json = jsonOf(request.body);
    if (typeof json !== "object" || json === null) return refused(400, "malformed");
    const seen = createHash("sha256").update(request.body).digest("hex");
    return parts.isNew(`${vendor} ${seen}`) ? { kind: "events", events: eventsIn(json) } : refused(403, "seen before");
  };

/** Ours, as they come back in a vendor's metadata; values are texts. */
export function metadataOf(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(recordOf(value)).flatMap(([name, one]) => {
      const text = typeof one === "boolean" ? String(one) : textOf(one);
      return text === null ? [] : [[name, text]];
    }),
  );
}

/** Metadata that comes as JSON in a text. */
export const metadataIn = (value: unknown): Record<string, string> =>
  metadataOf(typeof value === "string" && value !== "" ? jsonOf(value) : undefined);

export const idsIn = (metadata: JsonRecord): { attemptId: string | null; spoolId: string | null } => ({
  attemptId: textOf(metadata["postern_attempt"]),
  spoolId: textOf(metadata["postern_id"]),
});
