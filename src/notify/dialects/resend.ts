import { VENDOR_WORDS } from "../../mail/index.ts";
import { signature, webhookId } from "../sign.ts";
import { type Dialect, iso, json, NOT_KEPT, type Told } from "./dialect.ts";
import type { Telling } from "./telling.ts";

/**
 * Resend's webhooks: a JSON document for each recipient, signed as Svix does, which Standard Webhooks wrote down
 * ("Event Types", "Verify webhooks requests", resend.com, and the types of its own client; seen 2026-11-25).
 */
export const resend: Dialect = {
  recipientsAtOnce: 1,
  enough: [],
  notice(telling, told, { secret }, now) {
    const [{ n }] = told as readonly [Told];
    const id = webhookId(telling.facts.spoolId, n === 0 ? telling.facts.eventId : `${telling.facts.eventId} ${n}`);
    const body = json(documentOf(telling, told[0]!));
    const signed = signature(id, body, secret, now);
    return {
      headers: {
        "content-type": "application/json",
        "svix-id": id,
        "svix-timestamp": signed.timestamp,
        "svix-signature": signed.signature,
        "user-agent": "Svix-Webhooks/1 (Postern)",
      },
      body,
    };
  },
};

function documentOf(telling: Telling, { address }: Told): Record<string, unknown> {
  const { facts, happening } = telling;
  const createdAt = iso(facts.at);
  return {
    type: VENDOR_WORDS.resend[happening],
    created_at: createdAt,
    data: {
      created_at: iso(facts.acceptedAt),
      email_id: facts.spoolId,
      message_id: facts.headerMessageId,
      from: facts.author,
      to: [address],
      subject: "", // not kept: a subject may hold a secret
      tags: facts.tags,
      ...particularsOf(telling),
    },
  };
}

function particularsOf({ happening, said, facts, url, userAgent }: Telling): Record<string, unknown> {
  switch (happening) {
    case "bounced-hard":
      return { bounce: { type: "Permanent", subType: "General", message: said, diagnosticCode: [said] } };
    case "bounced-soft":
      return { bounce: { type: "Transient", subType: "General", message: said, diagnosticCode: [said] } };
    case "refused":
      return { failed: { reason: said } };
    case "expired":
      return { failed: { reason: "expired" } };
    case "suppressed":
      return { suppressed: { type: "OnAccountSuppressionList", message: "The address is on the suppression list." } };
    case "clicked":
      return { click: { ipAddress: NOT_KEPT, link: url, timestamp: iso(facts.at), userAgent } };
    case "opened":
      return { open: { ipAddress: NOT_KEPT, timestamp: iso(facts.at), userAgent } };
    default:
      return {};
  }
}
