import { type SpoolId, isUuid } from "../../../kernel/index.ts";
import type { MessageStory, RecipientStory } from "../../../spool/index.ts";
import type { SesOperation } from "./call.ts";
import { notFound } from "./errors.ts";

/** GetMessageInsights: what became of a message, for each of its recipients. Subjects are not kept: they may hold a secret. */
export const insights: SesOperation = {
  method: "GET",
  path: "insights/{}",
  async handle({ name, who }, { stories }) {
    const story = isUuid(name) ? await stories.find(who.tenant, name as SpoolId) : null;
    if (!story) return notFound(`Message ${name.slice(0, 64)} does not exist.`);
    return {
      MessageId: story.spoolId,
      FromEmailAddress: story.author,
      Subject: "",
      EmailTags: Object.entries(story.tags).map(([Name, Value]) => ({ Name, Value })),
      Insights: story.recipients.map((one, n) => ({ Destination: one.address, Events: eventsOf(story, one, n) })),
    };
  },
};

type Event = { Timestamp: number; Type: string; Details?: object };

/** SES's SEND means that it took the message; what follows is told once it is known. */
function eventsOf(story: MessageStory, recipient: RecipientStory, n: number): Event[] {
  const attempts = story.attempts.filter((one) => one.recipients.includes(n) && one.settledAt !== null);
  const delays = attempts.filter(({ outcome }) => outcome === "deferred");
  const last = endOf(recipient, attempts.at(-1)?.settledAt ?? story.endedAt ?? story.acceptedAt);
  return [
    { Timestamp: story.acceptedAt / 1000, Type: "SEND" },
    ...delays.map(({ settledAt }) => ({ Timestamp: settledAt! / 1000, Type: "DELIVERY_DELAY" })),
    ...(last ? [last] : []),
  ];
}

function endOf({ state, reason }: RecipientStory, atMs: number): Event | null {
  const bounce = (BounceType: string, BounceSubType: string): Event => ({
    Timestamp: atMs / 1000,
    Type: "BOUNCE",
    Details: { Bounce: { BounceType, BounceSubType, ...(reason === null ? {} : { DiagnosticCode: reason }) } },
  });
  switch (state) {
    case "delivered":
      return { Timestamp: atMs / 1000, Type: "DELIVERY" };
    case "rejected":
      return bounce("PERMANENT", "General");
    case "expired":
      return bounce("TRANSIENT", "General");
    case "suppressed":
      return bounce("PERMANENT", "OnAccountSuppressionList");
    case "cancelled":
      return { Timestamp: atMs / 1000, Type: "REJECT" };
    case "pending":
    case "handed-off":
      return null;
  }
}
