import { payloadOf } from "../payload.ts";
import { signedHeaders, webhookId } from "../sign.ts";
import type { EventFacts } from "../payload.ts";
import type { Hearer, Notice } from "./dialect.ts";

/** Postern's own words: Standard Webhooks. One call tells of an event, whomever it is about. */
export function posternNotice(facts: EventFacts, { secret }: Hearer, now: number): Notice {
  const body = payloadOf(facts);
  const signed = signedHeaders(webhookId(facts.spoolId, facts.eventId), body, secret, now);
  return { headers: { ...signed, "content-type": "application/json", "user-agent": "Postern-Webhooks/1" }, body };
}
