import type { FastifyInstance } from "fastify";
import { type Clock, isUuid } from "../../../kernel/index.ts";
import type { Content } from "../../http/submit/read-message.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { jsonOf } from "../scope.ts";
import { readMessageThere } from "../read-message-there.ts";
import { bulkShape, bulkStatus, emailsOfBulk, newBulk } from "./bulk.ts";
import { CODE, type Fault, fault, give, instant, isFault, notSupported, postmarkScope, refuse } from "./dialect.ts";
import { type PostmarkEmail, type TemplatedEmail, emailShape, jsonOfEmail, templatedShape } from "./read.ts";
import { streamOf, unknownStream } from "./streams.ts";
import { withTemplate } from "./with-template.ts";

type Taken = { To: string; SubmittedAt: string; MessageID: string; ErrorCode: 0; Message: "OK" };
const BATCH = 500;
/** Others are served in between. */
const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

export function emailRoutes(server: FastifyInstance, parts: CompatParts): void {
  postmarkScope(server, parts, "/email", (scope, whoOf) => {
    scope.post("/", async (request, reply) => give(reply, await sendOne(jsonOf(request.body), whoOf(request), parts)));
    scope.post("/batch", async (request, reply) => {
      const body = jsonOf(request.body);
      return give(reply, await sendEach(body, (one) => sendOne(one, whoOf(request), parts)));
    });
    scope.post("/withTemplate", async (request, reply) =>
      give(reply, await sendTemplated(jsonOf(request.body), whoOf(request), parts)),
    );
    scope.post("/batchWithTemplates", async (request, reply) => {
      const messages = (jsonOf(request.body) as { Messages?: unknown } | undefined)?.Messages;
      return give(reply, await sendEach(messages, (one) => sendTemplated(one, whoOf(request), parts)));
    });
    scope.post("/bulk", async (request, reply) =>
      give(reply, await sendBulk(jsonOf(request.body), whoOf(request), parts)),
    );
    scope.get("/bulk/:id", async (request, reply) => {
      const { id } = request.params as { id: string };
      const found = isUuid(id) ? await bulkStatus(id, whoOf(request), parts) : null;
      return give(reply, found ?? fault(404, CODE.notFound, "This bulk request was not found."));
    });
    scope.all("/*", (_request, reply) => refuse(reply, notSupported("This part of the email API")));
  });
}

/** Each email of a batch is answered by itself, and the batch is a success whatever became of them. */
async function sendEach(body: unknown, sendIt: (one: unknown) => Promise<Taken | Fault>): Promise<object> {
  if (!Array.isArray(body)) return fault(422, CODE.json, "The body must be a list of emails.");
  if (body.length > BATCH) return fault(422, CODE.batchTooLong, `A batch holds at most ${BATCH} emails.`);
  const results: object[] = [];
  for (const one of body as unknown[]) {
    const result = await sendIt(one);
    results.push(isFault(result) ? { ErrorCode: result.ErrorCode, Message: result.Message } : result);
  }
  return results;
}

const shapeFault = (issues: readonly { path: PropertyKey[]; message: string }[]): Fault =>
  fault(422, CODE.invalid, `Invalid email request: '${issues[0]!.path.map(String).join(".")}': ${issues[0]!.message}`);

async function sendOne(body: unknown, who: Submitter, parts: CompatParts): Promise<Taken | Fault> {
  if (body === undefined) return fault(422, CODE.json, "The body is no JSON.");
  const read = emailShape.safeParse(body);
  return read.success ? submit(read.data, who, parts) : shapeFault(read.error.issues);
}

async function sendTemplated(body: unknown, who: Submitter, parts: CompatParts): Promise<Taken | Fault> {
  if (body === undefined) return fault(422, CODE.json, "The body is no JSON.");
  const read = templatedShape.safeParse(body);
  if (!read.success) return shapeFault(read.error.issues);
  const email = await withTemplate(read.data, who, parts);
  return isFault(email) ? email : submit(email, who, parts);
}

function contentOf(email: PostmarkEmail, who: Submitter, parts: CompatParts): Content | Fault {
  const json = jsonOfEmail(email);
  const stream = streamOf(email.MessageStream, who, parts);
  if (!stream) return unknownStream(email.MessageStream!);
  const named = json.stream ?? stream.name;
  const content = readMessageThere({ ...json, ...(named === undefined ? {} : { stream: named }) }, parts.random);
  return "code" in content ? fault(422, CODE.invalid, content.detail) : content;
}

async function submit(email: PostmarkEmail, who: Submitter, parts: CompatParts, tags = {}): Promise<Taken | Fault> {
  const content = contentOf(email, who, parts);
  if (isFault(content)) return content;
  const all = { ...tags, ...content.tags };
  const answer = await parts.port.accept({ submitter: who, door: "http", ...content, tags: all });
  if (answer.kind === "accepted") return takenThere(email, answer.spoolId, parts.clock);
  const { code, http, publicMessage } = answer.refusal;
  if (http.status >= 500) return fault(503, CODE.unavailable, publicMessage);
  return fault(422, code === "author-not-allowed" ? CODE.sender : CODE.invalid, publicMessage);
}

/** All are read before one is sent; then each is a message of its own, and their label says how far the request is. */
async function sendBulk(body: unknown, who: Submitter, parts: CompatParts): Promise<object> {
  const read = bulkShape.safeParse(body);
  if (!read.success) return shapeFault(read.error.issues);
  const emails = emailsOfBulk(read.data);
  const wholeOf = async (email: PostmarkEmail | TemplatedEmail): Promise<PostmarkEmail | Fault> =>
    isTemplated(email) ? withTemplate(email, who, parts) : email;
  for (const [n, email] of emails.entries()) {
    const whole = await wholeOf(email);
    if (isFault(whole)) return whole;
    // Attachments, the same for all, are read with the first.
    const content = contentOf(n === 0 ? whole : { ...whole, Attachments: null }, who, parts);
    if (isFault(content)) return content;
    await turn();
  }
  const { id, tags } = newBulk(parts.clock, parts.random);
  for (const email of emails) {
    // Made again: five hundred at once would be as many times the greatest message.
    const whole = await wholeOf(email);
    const taken = isFault(whole) ? whole : await submit(whole, who, parts, tags);
    if (isFault(taken)) return taken;
    await turn();
  }
  return { Id: id, Status: "Accepted", SubmittedAt: instant(parts.clock.now()) };
}

const isTemplated = (email: PostmarkEmail | TemplatedEmail): email is TemplatedEmail => "TemplateModel" in email;

const takenThere = (email: PostmarkEmail, id: string, clock: Clock): Taken => ({
  To: email.To ?? "",
  SubmittedAt: instant(clock.now()),
  MessageID: id,
  ErrorCode: 0,
  Message: "OK",
});
