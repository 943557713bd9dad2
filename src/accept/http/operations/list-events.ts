import { z } from "zod";
import { EVENT_KIND_NAMES } from "../../../mail/index.ts";
import type { EventEntry } from "../../../spool/index.ts";
import { problemAnswer } from "../problem.ts";
import { eventCursorText } from "../stories/cursor.ts";
import { eventParameters, readEventQuery } from "../stories/list-query.ts";
import type { Operation, OperationParts } from "./operation.ts";

const entrySchema = z
  .strictObject({
    kind: z.string().describe(`Such as ${EVENT_KIND_NAMES[1]}; new ones may come.`),
    at: z.string(),
    messageId: z.string().describe("The id it was answered with when it was sent."),
    recipient: z.string().nullable().describe("Null where a provider did not say whose it is."),
    provider: z.string().nullable(),
    attempt: z.int().nullable(),
    reason: z.string().nullable(),
    response: z.string().nullable().describe("What the provider or the receiving server said, one line."),
    replyCode: z.int().nullable(),
    enhancedStatus: z.string().nullable(),
    providerMessageId: z.string().nullable(),
    stream: z.string(),
    author: z.string(),
    tags: z.record(z.string(), z.string()),
    detail: z.record(z.string(), z.unknown()),
  })
  .describe("One thing that happened to a message, for one recipient.");
const pageSchema = z.strictObject({
  events: z.array(entrySchema),
  nextCursor: z.string().nullable().describe("For the next page; null on the last one."),
});

const json = (event: EventEntry): z.infer<typeof entrySchema> => ({
  kind: event.kind,
  at: new Date(event.at).toISOString(),
  messageId: event.spoolId,
  recipient: event.recipient,
  provider: event.provider,
  attempt: event.attempt,
  reason: event.reason,
  response: event.response,
  replyCode: event.replyCode,
  enhancedStatus: event.enhancedStatus,
  providerMessageId: event.providerMessageId,
  stream: event.message.stream,
  author: event.message.author,
  tags: event.message.tags,
  detail: event.detail,
});

export function listEventsOperation({ stories }: OperationParts): Operation {
  return {
    method: "GET",
    path: "/events",
    open: false,
    takesMail: false,
    describe: {
      operationId: "listEvents",
      summary: "What happened to messages, newest first",
      parameters: Object.entries(eventParameters).map(([name, schema]) => ({ in: "query" as const, name, schema })),
      responses: { 200: { description: "One page.", schema: pageSchema } },
      problems: [422, 503],
    },
    async handle({ submitter, query }) {
      const read = readEventQuery(submitter.tenant, query);
      if ("code" in read) return problemAnswer(read);
      const page = await stories.events(read.filter, read.limit, read.after);
      return {
        status: 200,
        body: {
          events: page.events.map(json),
          nextCursor: page.next === null ? null : eventCursorText(page.next),
        } satisfies z.infer<typeof pageSchema>,
      };
    },
  };
}
