import { type SpoolId, isUuid } from "../../../kernel/index.ts";
import { type Happening, happeningOf } from "../../../mail/index.ts";
import type { EventEntry, MessageStory, RecipientStory } from "../../../spool/index.ts";
import type { SesOperation } from "./call.ts";
import { notFound } from "./errors.ts";

/** A message has 50 recipients at most here, and few things happen to each. */
const EVENTS = 1_000;

/** GetMessageInsights: what happened to a message, for each of its recipients. Subjects are not kept: they may hold a secret. */
export const insights: SesOperation = {
  method: "GET",
  path: "insights/{}",
  async handle({ name, who }, { stories }) {
    const story = isUuid(name) ? await stories.find(who.tenant, name as SpoolId) : null;
    if (!story) return notFound(`Message ${name.slice(0, 64)} does not exist.`);
    const { tenant, spoolId } = story;
    const { events } = await stories.events({ tenant, spoolId, oldestFirst: true }, EVENTS, null);
    return {
      MessageId: spoolId,
      FromEmailAddress: story.author,
      Subject: "",
      EmailTags: Object.entries(story.tags).map(([Name, Value]) => ({ Name, Value })),
      Insights: story.recipients.map((one, n) => insightsOf(one, n, story, events)),
    };
  },
};

function insightsOf(one: RecipientStory, n: number, story: MessageStory, events: readonly EventEntry[]): object {
  // Of which recipient a provider does not always say; of a single one it need not.
  const isOf = ({ recipientNumber }: EventEntry): boolean =>
    recipientNumber === n || (recipientNumber === null && story.recipients.length === 1);
  return { Destination: one.address, Events: events.filter(isOf).flatMap((event) => told(event) ?? []) };
}

type Said = { Type: string; Details?: object };

/** As the notices in SES's words have it (mail/happening.ts); of what SES has no notion for, nothing. */
function told(event: EventEntry): (Said & { Timestamp: number }) | null {
  const happening = happeningOf(event);
  const said = event.kind === "message.cancelled" ? { Type: "REJECT" } : happening && SAID[happening]?.(event);
  return said ? { Timestamp: event.at / 1000, ...said } : null;
}

const bounce =
  (BounceType: string, BounceSubType: string) =>
  ({ response, reason }: EventEntry): Said => {
    const DiagnosticCode = response ?? reason;
    const Bounce = { BounceType, BounceSubType, ...(DiagnosticCode === null ? {} : { DiagnosticCode }) };
    return { Type: "BOUNCE", Details: { Bounce } };
  };
const plain = (Type: string) => (): Said => ({ Type });

/** "EventType", "Bounce", "Complaint" (Amazon SES API reference v2, seen 2026-11-25). SEND: SES took it. */
const SAID: Partial<Record<Happening, (event: EventEntry) => Said>> = {
  accepted: plain("SEND"),
  delivered: plain("DELIVERY"),
  deferred: plain("DELIVERY_DELAY"),
  delayed: plain("DELIVERY_DELAY"),
  "bounced-hard": bounce("PERMANENT", "General"),
  "bounced-soft": bounce("TRANSIENT", "General"),
  expired: bounce("TRANSIENT", "General"),
  suppressed: bounce("PERMANENT", "OnAccountSuppressionList"),
  refused: plain("REJECT"),
  complained: () => ({ Type: "COMPLAINT", Details: { Complaint: { ComplaintFeedbackType: "abuse" } } }),
  opened: plain("OPEN"),
  clicked: plain("CLICK"),
  unsubscribed: plain("SUBSCRIPTION"),
};
