import type { SpoolId } from "../../src/kernel/index.ts";
import type { EventEntry, MessageStory } from "../../src/spool/index.ts";

export const ID = "01957a10-2f40-7abc-8def-0123456789ab" as SpoolId;
const ACCEPTED_AT = Date.UTC(2026, 2, 1, 9, 30);

/** A message with something in every member. */
export const STORY: MessageStory = {
  spoolId: ID,
  tenant: "acme",
  stream: "alerts",
  class: "C2",
  door: "http",
  state: "held",
  heldReason: "by-operator",
  dueAt: null,
  acceptedAt: ACCEPTED_AT,
  sendAt: null,
  expiresAt: ACCEPTED_AT + 86_400_000,
  endedAt: null,
  returnPath: "bounces@acme.test",
  author: "noreply@acme.test",
  headerMessageId: "<1@acme.test>",
  sizeBytes: 5_120,
  tags: { order: "4711" },
  recipients: [{ address: "ada@example.com", state: "pending", reason: null }],
  attempts: [
    {
      n: 1,
      provider: "harbour",
      routeReason: "first of the route",
      recipients: [0],
      intentAt: ACCEPTED_AT + 1_000,
      settledAt: null,
      outcome: null,
      scope: null,
      cause: null,
      replyCode: null,
      enhancedStatus: null,
      providerMessageId: null,
      diagnostic: null,
    },
  ],
  events: [{ at: ACCEPTED_AT + 2_000, kind: "message.held", detail: { actor: "operator:cli" } }],
};

/** Something that happened to it, with something in every member. */
export const EVENT: EventEntry = {
  eventId: 7,
  recipientNumber: 0,
  key: `${ID}e0000000000000000001200000`,
  kind: "message.bounced",
  at: ACCEPTED_AT + 3_000,
  spoolId: ID,
  recipient: "ada@example.com",
  provider: "harbour",
  attempt: 1,
  reason: "hard-bounce",
  response: "550 no such user",
  replyCode: 550,
  enhancedStatus: "5.1.1",
  providerMessageId: "p-1",
  detail: { bounce: "hard" },
  message: {
    stream: "alerts",
    class: "C2",
    author: "noreply@acme.test",
    headerMessageId: "<1@acme.test>",
    tags: { order: "4711" },
    acceptedAt: ACCEPTED_AT,
  },
};
