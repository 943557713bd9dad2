import { z } from "zod";
import { type SpoolId, isUuid } from "../../../kernel/index.ts";
import { problem, problemAnswer } from "../problem.ts";
import { cursorText } from "../stories/cursor.ts";
import { listParameters, readListQuery } from "../stories/list-query.ts";
import { storyJson, storySchema, summaryJson, summarySchema } from "../stories/story-json.ts";
import type { Operation, OperationParts } from "./operation.ts";

export const idParameter = {
  in: "path" as const,
  name: "id",
  required: true,
  schema: z.string(),
  description: "As answered when it was sent.",
};

/** Also for a message of another tenant: who asks learns nothing of what others send. */
export const messageNotFound = () =>
  problemAnswer(
    problem(404, "message-not-found", "There is no message with this id. It may be past its retention time."),
  );

export function getMessageOperation({ stories }: OperationParts): Operation {
  return {
    method: "GET",
    path: "/messages/{id}",
    open: false,
    takesMail: false,
    describe: {
      operationId: "getMessage",
      summary: "The whole story of a message",
      parameters: [idParameter],
      responses: { 200: { description: "Its state, recipients, attempts and events.", schema: storySchema } },
      problems: [404, 503],
    },
    async handle({ submitter, params }) {
      const id = params["id"]!;
      const story = isUuid(id) ? await stories.find(submitter.tenant, id as SpoolId) : null;
      return story === null ? messageNotFound() : { status: 200, body: storyJson(story) };
    },
  };
}

const pageSchema = z
  .strictObject({
    messages: z.array(summarySchema),
    nextCursor: z.string().nullable().describe("For the next page; null on the last one."),
  })
  .describe("Newest first.");

export function listMessagesOperation({ stories }: OperationParts): Operation {
  return {
    method: "GET",
    path: "/messages",
    open: false,
    takesMail: false,
    describe: {
      operationId: "listMessages",
      summary: "Messages, newest first",
      parameters: Object.entries(listParameters).map(([name, schema]) => ({ in: "query" as const, name, schema })),
      responses: { 200: { description: "One page.", schema: pageSchema } },
      problems: [422, 503],
    },
    async handle({ submitter, query }) {
      const read = readListQuery(submitter.tenant, query);
      if ("code" in read) return problemAnswer(read);
      const page = await stories.list(read.filter, read.limit, read.after);
      return {
        status: 200,
        body: {
          messages: page.messages.map(summaryJson),
          nextCursor: page.next === null ? null : cursorText(page.next),
        } satisfies z.infer<typeof pageSchema>,
      };
    },
  };
}
