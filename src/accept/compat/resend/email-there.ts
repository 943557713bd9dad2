import type { MessageState, MessageSummary, RecipientState } from "../../../spool/index.ts";
import { instant } from "./dialect.ts";

const EVENTS: Record<RecipientState, string> = {
  pending: "queued",
  "handed-off": "sent",
  delivered: "delivered",
  rejected: "bounced",
  expired: "failed",
  suppressed: "suppressed",
  cancelled: "canceled",
};
const lastEvent = (state: MessageState, recipient: RecipientState): string =>
  state === "scheduled" && recipient === "pending" ? "scheduled" : EVENTS[recipient];

/** Subject and bodies are not kept: they may hold a secret. Who was copied is not told apart from who was written to. */
export const emailInList = (story: MessageSummary): object => ({
  id: story.spoolId,
  message_id: story.headerMessageId,
  to: story.recipients.map((one) => one.address),
  from: story.author,
  created_at: instant(story.acceptedAt),
  subject: "",
  bcc: [],
  cc: [],
  reply_to: [],
  last_event: lastEvent(story.state, story.recipients[0]?.state ?? "pending"),
  scheduled_at: story.sendAt === null ? null : instant(story.sendAt),
});

export const emailThere = (story: MessageSummary): object => ({
  object: "email",
  ...emailInList(story),
  html: null,
  text: null,
  tags: Object.entries(story.tags).map(([name, value]) => ({ name, value })),
});
