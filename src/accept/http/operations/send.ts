import { z } from "zod";
import type { Submission, Submitter } from "../../submission.ts";
import { keyedJson, keyedOctets, readKey } from "../idempotency.ts";
import { type Answer, type ProblemDocument, problemAnswer, refusalProblem } from "../problem.ts";
import { messageSchema, rawMessageSchema, templatedMessageSchema } from "../submit/message-schema.ts";
import type { Content } from "../submit/read-message.ts";
import { readRequest } from "../submit/read-request.ts";
import { fromTemplate } from "../templates/from-template.ts";
import type { Operation, OperationParts } from "./operation.ts";

export const acceptedSchema = z
  .strictObject({
    id: z.string(),
    status: z.literal("accepted"),
    replayed: z.boolean().describe("True: this Idempotency-Key had been answered before; nothing new was sent."),
  })
  .describe("Postern has stored the message and is responsible for it.");
type Accepted = z.infer<typeof acceptedSchema>;

export const keyParameter = {
  in: "header" as const,
  name: "Idempotency-Key",
  schema: z.string().max(255),
  description:
    "The same key with the same body gets the same answer for 72 h, so that a request may be sent again safely.",
};
const envelopeHeader = (name: string, description: string) => ({
  in: "header" as const,
  name,
  schema: z.string(),
  description,
});

export function sendOperation(parts: OperationParts): Operation {
  return {
    method: "POST",
    path: "/messages",
    open: false,
    takesMail: true,
    describe: {
      operationId: "sendMessage",
      summary: "Send one message",
      description:
        "In fields, or made of a template, or raw as JSON, or raw as message/rfc822 with its envelope in headers. Answered once the message is stored durably.",
      parameters: [
        keyParameter,
        envelopeHeader("X-Postern-Return-Path", "message/rfc822 only, required there: an address, or `<>`."),
        envelopeHeader("X-Postern-Recipients", "message/rfc822 only, required there: addresses separated by commas."),
        envelopeHeader("X-Postern-Stream", "message/rfc822 only."),
        envelopeHeader("X-Postern-Send-At", "message/rfc822 only: RFC 3339, when it is sent."),
        envelopeHeader("X-Postern-Supersedes", "message/rfc822 only: the id of a message whose place it takes."),
      ],
      request: {
        "application/json": z.union([messageSchema, templatedMessageSchema, rawMessageSchema]),
        "message/rfc822": null,
      },
      responses: { 202: { description: "Accepted.", schema: acceptedSchema } },
      problems: [400, 403, 413, 415, 422, 503],
    },
    async handle({ submitter, headers, body }) {
      const key = readKey(headers["idempotency-key"]);
      if (typeof key === "object") return refusedHere(parts, key);
      const made = await fromTemplate(body, submitter, parts);
      if ("code" in made) return refusedHere(parts, made);
      const content = readRequest(made.body, headers, parts);
      if ("code" in content) return refusedHere(parts, content);
      const keyed =
        key === undefined ? undefined : Buffer.isBuffer(body) ? keyedOctets(key, content) : keyedJson(key, body);
      const answer = await accepted(parts, submitter, content, keyed);
      return "code" in answer ? problemAnswer(answer) : { status: 202, body: answer };
    },
  };
}

/** A refusal of the door's own; those of the core are counted there. */
export function refusedHere({ metrics }: OperationParts, document: ProblemDocument): Answer {
  metrics.refused("http", document.code);
  return problemAnswer(document);
}

/** Hands one message to the core and says what it said. */
export async function accepted(
  { port }: OperationParts,
  submitter: Submitter,
  content: Content,
  idempotency: Submission["idempotency"],
): Promise<Accepted | ProblemDocument> {
  const answer = await port.accept({
    submitter,
    door: "http",
    ...content,
    ...(idempotency === undefined ? {} : { idempotency }),
  });
  return answer.kind === "accepted"
    ? { id: answer.spoolId, status: "accepted", replayed: answer.replayed }
    : refusalProblem(answer.refusal);
}
