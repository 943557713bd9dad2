/** An event with what never changes of its message; null fields where the message's row is no longer kept. */
export type EventFacts = {
  eventId: number;
  spoolId: string;
  tenant: string;
  kind: string;
  at: number;
  /** As the room that made it wrote it; `recipients` in it are numbers of recipients. */
  detail: Record<string, unknown>;
  stream: string;
  class: string;
  headerMessageId: string;
  author: string;
  returnPath: string;
  acceptedAt: number;
  tags: Record<string, string>;
  /** Addresses of those the event is about, or of all. */
  recipients: string[];
};

/** Standard Webhooks asks for payloads below 20 KB; a list in one envelope is cut, its true length told. */
const MOST_RECIPIENTS = 50;

/**
 * What a receiver gets (docs/webhooks.md). Only facts that never change stand in it, so that each try of a delivery
 * sends the same bytes.
 */
export function payloadOf(facts: EventFacts): Buffer {
  const { recipients: _numbers, ...detail } = facts.detail;
  return Buffer.from(
    JSON.stringify({
      type: facts.kind,
      timestamp: instant(facts.at),
      data: {
        id: facts.spoolId,
        tenant: facts.tenant,
        stream: facts.stream,
        class: facts.class,
        messageId: facts.headerMessageId,
        acceptedAt: instant(facts.acceptedAt),
        tags: facts.tags,
        recipients: facts.recipients.slice(0, MOST_RECIPIENTS),
        recipientCount: facts.recipients.length,
        detail,
      },
    }),
  );
}

const instant = (ms: number): string => new Date(ms).toISOString();
