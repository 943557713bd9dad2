import { z } from "zod";
import type { Submitter } from "../../submission.ts";
import { HTTP_BOUNDS } from "../bounds.ts";
import { keyedJson, readKey } from "../idempotency.ts";
import { type ProblemDocument, invalid } from "../problem.ts";
import { problemSchema } from "../openapi/problem-schema.ts";
import { shapeFaults } from "../submit/faults.ts";
import { batchSchema, messageSchema, rawMessageSchema, templatedMessageSchema } from "../submit/message-schema.ts";
import { readJson } from "../submit/read-request.ts";
import { fromTemplate } from "../templates/from-template.ts";
import type { Operation, OperationParts } from "./operation.ts";
import { accepted, keyParameter, refusedHere } from "./send.ts";

const place = z.int().describe("Place in `messages`, from 0.");
const resultSchema = z.discriminatedUnion("status", [
  z.strictObject({ index: place, status: z.literal("accepted"), id: z.string(), replayed: z.boolean() }),
  z.strictObject({ index: place, status: z.literal("refused"), problem: problemSchema }),
]);
type Result = z.infer<typeof resultSchema>;
const answerSchema = z.strictObject({ results: z.array(resultSchema) }).describe("One result per message, in order.");

/** As published: what each item is. As read: anything, item by item. */
const publishedRequest = z.strictObject({
  messages: z
    .array(z.union([messageSchema, templatedMessageSchema, rawMessageSchema]))
    .min(1)
    .max(HTTP_BOUNDS.batchItems),
});

export function sendBatchOperation(parts: OperationParts): Operation {
  return {
    method: "POST",
    path: "/messages/batch",
    open: false,
    takesMail: true,
    describe: {
      operationId: "sendMessages",
      summary: `Send up to ${HTTP_BOUNDS.batchItems} messages`,
      description:
        "Each message is taken or refused by itself. With an Idempotency-Key, message n has the key `<key>/<n>`, which it keeps when it is sent alone.",
      parameters: [keyParameter],
      request: { "application/json": publishedRequest },
      responses: { 200: { description: "What became of each message.", schema: answerSchema } },
      problems: [400, 413, 415, 422, 503],
    },
    async handle({ submitter, headers, body }) {
      const key = readKey(headers["idempotency-key"], true);
      if (typeof key === "object") return refusedHere(parts, key);
      const read = batchSchema.safeParse(body);
      if (!read.success) return refusedHere(parts, invalid(shapeFaults(read.error)));
      const results = await Promise.all(
        read.data.messages.map(async (message, index): Promise<Result> => {
          const answer = await sendItem(parts, submitter, message, key === undefined ? undefined : `${key}/${index}`);
          return "code" in answer ? { index, status: "refused", problem: answer } : { index, ...answer };
        }),
      );
      return { status: 200, body: { results } };
    },
  };
}

async function sendItem(
  parts: OperationParts,
  submitter: Submitter,
  message: unknown,
  key: string | undefined,
): ReturnType<typeof accepted> {
  const made = await fromTemplate(message, submitter, parts);
  const content = "code" in made ? made : readJson(made.body, parts);
  if ("code" in content) {
    parts.metrics.refused("http", content.code);
    return content satisfies ProblemDocument;
  }
  return accepted(parts, submitter, content, key === undefined ? undefined : keyedJson(key, message));
}
