import { z } from "zod";
import type { Submitter } from "../../submission.ts";
import { IN_WORDS } from "../in-words.ts";
import { HTTP_BOUNDS } from "../bounds.ts";
import { keyedJson, readKey } from "../idempotency.ts";
import { type ProblemDocument, invalid } from "../problem.ts";
import { problemSchema } from "../openapi/problem-schema.ts";
import { shapeFaults } from "../submit/faults.ts";
import { batchSchema, messageSchema, rawMessageSchema, templatedMessageSchema } from "../submit/message-schema.ts";
import type { Content } from "../submit/read-message.ts";
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
      const read = batchSchema.safeParse(body, IN_WORDS);
      if (!read.success) return refusedHere(parts, invalid(shapeFaults(read.error)));
      const results = await inGroups(read.data.messages, async (message, index) => {
        const content = await readItem(parts, submitter, message);
        if ("code" in content) return { index, status: "refused", problem: content };
        const once = key === undefined ? undefined : keyedJson(`${key}/${index}`, message);
        return {
          bytes: content.raw.length,
          take: async (): Promise<Result> => {
            const answer = await accepted(parts, submitter, content, once);
            return "code" in answer ? { index, status: "refused", problem: answer } : { index, ...answer };
          },
        };
      });
      return { status: 200, body: { results } };
    },
  };
}

/** Messages accepted side by side, so that they share a commit; a hundred of the greatest would fill the memory. */
const GROUP_BYTES = 4 * 1024 * 1024;

type Ready = { bytes: number; take(): Promise<Result> };

/** Reads one after another, with others served in between, and has what could be read taken group by group. */
async function inGroups(
  messages: readonly unknown[],
  readOne: (message: unknown, index: number) => Promise<Result | Ready>,
): Promise<Result[]> {
  const results: Result[] = [];
  let group: Ready[] = [];
  let bytes = 0;
  for (const [index, message] of messages.entries()) {
    const one = await readOne(message, index);
    if ("take" in one) {
      group.push(one);
      bytes += one.bytes;
    } else results.push(one);
    if (bytes < GROUP_BYTES && index < messages.length - 1) continue;
    results.push(...(await Promise.all(group.map(({ take }) => take()))));
    group = [];
    bytes = 0;
    await new Promise(setImmediate);
  }
  return results.toSorted((one, other) => one.index - other.index);
}

async function readItem(
  parts: OperationParts,
  submitter: Submitter,
  message: unknown,
): Promise<Content | ProblemDocument> {
  const made = await fromTemplate(message, submitter, parts);
  const content = "code" in made ? made : readJson(made.body, parts);
  if ("code" in content) parts.metrics.refused("http", content.code);
  return content;
}
