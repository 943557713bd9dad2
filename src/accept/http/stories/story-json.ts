import { z } from "zod";
import { MESSAGE_CLASSES, OUTCOMES } from "../../../mail/index.ts";
import { MESSAGE_STATES, type MessageStory, type MessageSummary, RECIPIENT_STATES } from "../../../spool/index.ts";

/** Messages as the API shows them. The tenant is left out: a client only ever sees its own. */

const instant = z.string().describe("RFC 3339 in UTC, with milliseconds.");

const recipientJson = z.strictObject({
  address: z.string(),
  state: z.enum(RECIPIENT_STATES),
  reason: z.string().nullable(),
});

const summaryMembers = {
  id: z.string(),
  stream: z.string(),
  class: z.enum(MESSAGE_CLASSES),
  door: z.string().describe("How it came in: smtp, http or internal."),
  state: z
    .enum(MESSAGE_STATES)
    .describe(
      "scheduled: waits for its sendAt · queued: waits for its next try · in-flight: being handed off · held: waits for a person or a rule · ended.",
    ),
  heldReason: z.string().nullable(),
  dueAt: instant.nullable().describe("When it is tried next; null unless queued or scheduled."),
  acceptedAt: instant,
  sendAt: instant.nullable().describe("The instant it was scheduled for; null: it was to be sent at once."),
  expiresAt: instant.nullable(),
  endedAt: instant.nullable(),
  returnPath: z.string().describe("Empty for the null path."),
  author: z.string(),
  messageId: z.string().describe("Of the Message-ID field."),
  sizeBytes: z.int(),
  tags: z.record(z.string(), z.string()),
  recipients: z.array(recipientJson),
};

export const summarySchema = z.strictObject(summaryMembers).describe("Where a message stands.");
export type SummaryJson = z.infer<typeof summarySchema>;

const attemptJson = z.strictObject({
  n: z.int(),
  provider: z.string(),
  routeReason: z.string().describe("Why it went there, in words."),
  recipients: z.array(z.int()).describe("Indexes into the recipients of the message."),
  startedAt: instant,
  settledAt: instant.nullable(),
  outcome: z.enum(OUTCOMES).nullable().describe("Null: on its way, or not yet known after a crash."),
  scope: z.enum(["recipient", "message", "account"]).nullable(),
  cause: z.string().nullable(),
  replyCode: z.int().nullable(),
  enhancedStatus: z.string().nullable(),
  providerMessageId: z.string().nullable(),
  diagnostic: z.string().nullable().describe("What the provider said, one line."),
});

const eventJson = z.strictObject({ at: instant, kind: z.string(), detail: z.record(z.string(), z.unknown()) });

export const storySchema = z
  .strictObject({ ...summaryMembers, attempts: z.array(attemptJson), events: z.array(eventJson) })
  .describe("A message with everything that was tried and that happened.");
export type StoryJson = z.infer<typeof storySchema>;

const text = (at: number): string => new Date(at).toISOString();
const textOrNull = (at: number | null): string | null => (at === null ? null : text(at));

export const summaryJson = (summary: MessageSummary): SummaryJson => ({
  id: summary.spoolId,
  stream: summary.stream,
  class: summary.class,
  door: summary.door,
  state: summary.state,
  heldReason: summary.heldReason,
  dueAt: textOrNull(summary.dueAt),
  acceptedAt: text(summary.acceptedAt),
  sendAt: textOrNull(summary.sendAt),
  expiresAt: textOrNull(summary.expiresAt),
  endedAt: textOrNull(summary.endedAt),
  returnPath: summary.returnPath,
  author: summary.author,
  messageId: summary.headerMessageId,
  sizeBytes: summary.sizeBytes,
  tags: summary.tags,
  recipients: summary.recipients.map(({ address, state, reason }) => ({ address, state, reason })),
});

export const storyJson = (story: MessageStory): StoryJson => ({
  ...summaryJson(story),
  attempts: story.attempts.map((attempt) => ({
    n: attempt.n,
    provider: attempt.provider,
    routeReason: attempt.routeReason,
    recipients: attempt.recipients,
    startedAt: text(attempt.intentAt),
    settledAt: textOrNull(attempt.settledAt),
    outcome: attempt.outcome,
    scope: attempt.scope,
    cause: attempt.cause,
    replyCode: attempt.replyCode,
    enhancedStatus: attempt.enhancedStatus,
    providerMessageId: attempt.providerMessageId,
    diagnostic: attempt.diagnostic,
  })),
  events: story.events.map(({ at, kind, detail }) => ({ at: text(at), kind, detail })),
});
