import type { FastifyInstance, FastifyReply } from "fastify";
import { type Clock, type SpoolId, isUuid } from "../../../kernel/index.ts";
import type { MessageStory } from "../../../spool/index.ts";
import { readMessage } from "../../http/submit/read-message.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { type KeyedDialect, type KeyedFault, keyedScope } from "../keyed.ts";
import { jsonOf } from "../scope.ts";
import { type PostmarkEmail, emailShape, jsonOfEmail } from "./read.ts";

/** postmarkapp.com/developer/api/overview, "API error codes" (seen 2026-11-25). */
const CODE = {
  token: 10,
  invalid: 300,
  sender: 400,
  json: 402,
  batchTooLong: 410,
  notFound: 701,
  unavailable: 100,
  broken: 500,
} as const;
type Fault = { status: number; ErrorCode: number; Message: string };
type Taken = { To: string; SubmittedAt: string; MessageID: string; ErrorCode: 0; Message: "OK" };
const fault = (status: number, ErrorCode: number, Message: string): Fault => ({ status, ErrorCode, Message });
const isFault = (value: object): value is Fault => "status" in value;

const BATCH = 500;

const WORDS: Record<KeyedFault["kind"], (message: string) => Fault> = {
  "no-key": () => fault(401, CODE.token, "Request does not contain a valid Server token."),
  "wrong-key": () => fault(401, CODE.token, "Request does not contain a valid Server token."),
  closed: (message) => fault(503, CODE.unavailable, message),
  failed: (message) => fault(500, CODE.broken, message),
};
const DIALECT: KeyedDialect = {
  name: "postmark",
  keyOf(headers) {
    const token = headers["x-postmark-server-token"];
    return typeof token === "string" ? token : null;
  },
  fault: (reply, { kind, message }) => refuse(reply, WORDS[kind](message)),
};

/** Speaks as Postmark does: POST /email, /email/batch and GET /messages/outbound/{id}/details. A server token is the apiKey of a Postern credential. */
export function registerPostmark(server: FastifyInstance, parts: CompatParts): void {
  keyedScope(server, parts, DIALECT, "/email", (scope, whoOf) => {
    scope.post("/", async (request, reply) => {
      const result = await sendOne(jsonOf(request.body), whoOf(request), parts);
      return isFault(result) ? refuse(reply, result) : reply.send(result);
    });
    // Each email of a batch is answered by itself, and the batch is a success whatever became of them.
    scope.post("/batch", async (request, reply) => {
      const body = jsonOf(request.body);
      if (!Array.isArray(body)) return refuse(reply, fault(422, CODE.json, "The body must be a list of emails."));
      if (body.length > BATCH)
        return refuse(reply, fault(422, CODE.batchTooLong, `A batch holds at most ${BATCH} emails.`));
      const results: (Taken | Omit<Fault, "status">)[] = [];
      for (const one of body) {
        const result = await sendOne(one, whoOf(request), parts);
        results.push(isFault(result) ? { ErrorCode: result.ErrorCode, Message: result.Message } : result);
      }
      return reply.send(results);
    });
    scope.post("/withTemplate", (_request, reply) => refuse(reply, notSupported("Sending with a template")));
    scope.post("/batchWithTemplates", (_request, reply) => refuse(reply, notSupported("Sending with a template")));
  });
  keyedScope(server, parts, DIALECT, "/messages/outbound", (scope, whoOf) => {
    scope.get("/:id/details", async (request, reply) => {
      const { id } = request.params as { id: string };
      const story = isUuid(id) ? await parts.stories.find(whoOf(request).tenant, id as SpoolId) : null;
      return story
        ? reply.send(detailsThere(story))
        : refuse(reply, fault(404, CODE.notFound, "This message was not found."));
    });
  });
}

const notSupported = (what: string): Fault =>
  fault(422, CODE.invalid, `${what} is not supported by this server (Postern).`);

async function sendOne(body: unknown, who: Submitter, parts: CompatParts): Promise<Taken | Fault> {
  if (body === undefined) return fault(422, CODE.json, "The body is no JSON.");
  const read = emailShape.safeParse(body);
  if (!read.success) {
    const { path, message } = read.error.issues[0]!;
    return fault(422, CODE.invalid, `Invalid email request: '${path.map(String).join(".")}': ${message}`);
  }
  const content = readMessage(jsonOfEmail(read.data), parts.random);
  if ("code" in content) return fault(422, CODE.invalid, content.detail);
  const answer = await parts.port.accept({ submitter: who, door: "http", ...content });
  if (answer.kind === "accepted") return takenThere(read.data, answer.spoolId, parts.clock);
  const { code, http, publicMessage } = answer.refusal;
  if (http.status >= 500) return fault(503, CODE.unavailable, publicMessage);
  return fault(422, code === "author-not-allowed" ? CODE.sender : CODE.invalid, publicMessage);
}

const takenThere = (email: PostmarkEmail, id: string, clock: Clock): Taken => ({
  To: email.To ?? "",
  SubmittedAt: new Date(clock.now()).toISOString(),
  MessageID: id,
  ErrorCode: 0,
  Message: "OK",
});

/** Subject and bodies are not kept: they may hold a secret. */
const detailsThere = (story: MessageStory) => ({
  MessageID: story.spoolId,
  MessageStream: story.stream,
  From: story.author,
  To: story.recipients.map((one) => ({ Email: one.address, Name: null })),
  Cc: [],
  Bcc: [],
  Recipients: story.recipients.map((one) => one.address),
  ReceivedAt: new Date(story.acceptedAt).toISOString(),
  Subject: "",
  TextBody: "",
  HtmlBody: "",
  Body: "",
  Status: story.recipients.every((one) => one.state === "handed-off" || one.state === "delivered") ? "Sent" : "Queued",
  Tag: "",
  Attachments: [],
  Metadata: story.tags,
  TrackOpens: false,
  TrackLinks: "None",
  Sandboxed: false,
  MessageEvents: [],
});

const refuse = (reply: FastifyReply, { status, ...body }: Fault): FastifyReply => reply.code(status).send(body);
