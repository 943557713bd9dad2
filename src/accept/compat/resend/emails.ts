import type { FastifyInstance, FastifyRequest } from "fastify";
import { type SpoolId, isUuid } from "../../../kernel/index.ts";
import { keyedJson, readKey } from "../../http/idempotency.ts";
import type { Content } from "../../http/submit/read-message.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { jsonOf } from "../scope.ts";
import { readMessageThere } from "../read-message-there.ts";
import { type ResendError, fault, invalid, isFault, notFound, notSupported, resendScope, send } from "./dialect.ts";
import { emailInList, emailThere } from "./email-there.ts";
import { listOf, pageOf } from "./page.ts";
import { emailShape, jsonOfEmail, unsupported } from "./read.ts";
import { scheduledAt } from "./scheduled-at.ts";
import { fromTemplate } from "./from-template.ts";

const BATCH = 100;
/** Others are served in between. */
const turn = (): Promise<void> => new Promise((done) => setImmediate(done));
const UNREADABLE_TIME = "`scheduled_at` must be an ISO 8601 instant, or such as `in 10 min`.";

export function emailRoutes(server: FastifyInstance, parts: CompatParts): void {
  const idOf = (request: FastifyRequest): SpoolId | null => {
    const { id } = request.params as { id: string };
    return isUuid(id) ? (id as SpoolId) : null;
  };
  resendScope(server, parts, "/emails", false, (scope, whoOf) => {
    scope.post("/", async (request, reply) =>
      send(reply, await sendOne(jsonOf(request.body), request.headers["idempotency-key"], whoOf(request), parts)),
    );
    scope.post("/batch", async (request, reply) => send(reply, await sendBatch(request, whoOf(request), parts)));
    scope.get("/", async (request, reply) => {
      const page = pageOf(request.query);
      if (isFault(page)) return send(reply, page);
      if (page.after !== null && !isUuid(page.after)) return send(reply, invalid("`after` is no id of an email."));
      const { tenant } = whoOf(request);
      const { messages } = await parts.stories.list({ tenant }, page.limit + 1, page.after as SpoolId | null);
      return send(reply, listOf(messages, page.limit, emailInList));
    });
    scope.get("/metrics", (_request, reply) => send(reply, notSupported("Statistics: read /metrics of Postern. It")));
    scope.get("/receiving", (_request, reply) => send(reply, notSupported("Receiving mail")));
    scope.get("/:id", async (request, reply) => {
      const id = idOf(request);
      const story = id && (await parts.stories.find(whoOf(request).tenant, id));
      return send(reply, story ? emailThere(story) : notFound("Email"));
    });
    scope.patch("/:id", async (request, reply) => {
      const id = idOf(request);
      const given = (jsonOf(request.body) as { scheduled_at?: unknown } | undefined)?.scheduled_at;
      const at = typeof given === "string" ? scheduledAt(given, parts.clock.now()) : null;
      if (at === null) return send(reply, invalid(UNREADABLE_TIME));
      const { tenant, credential } = whoOf(request);
      const done = id ? await parts.acts.reschedule(tenant, id, Date.parse(at), `api:${credential}`) : "not-found";
      if (done === "done") return send(reply, { object: "email", id });
      if (done === "not-found") return send(reply, notFound("Email"));
      if (done === "too-far") return send(reply, invalid("The `scheduled_at` is too far ahead."));
      if (done === "beyond-secret") return send(reply, invalid("A secret may not wait longer than it lives."));
      return send(reply, invalid("Only an email that waits for its time can be given another."));
    });
    scope.post("/:id/cancel", async (request, reply) => {
      const id = idOf(request);
      const { tenant, credential } = whoOf(request);
      const story = id && (await parts.stories.find(tenant, id));
      if (!id || !story) return send(reply, notFound("Email"));
      if (story.state !== "scheduled")
        return send(reply, invalid("Only an email that waits for its time can be canceled."));
      const done = await parts.acts.cancel(tenant, id, `api:${credential}`);
      return send(reply, done === "done" ? { object: "email", id } : invalid("It is being sent at this moment."));
    });
    scope.all("/*", (_request, reply) => send(reply, notSupported("This part of the emails API")));
  });
}

/** Strict, as it is by default: all are read before one is sent. Permissive: those that can be are sent, the rest is told. */
async function sendBatch(request: FastifyRequest, who: Submitter, parts: CompatParts): Promise<object> {
  const body = jsonOf(request.body);
  if (!Array.isArray(body) || body.length === 0 || body.length > BATCH)
    return invalid(`The body must be a list of 1 to ${BATCH} emails.`);
  const permissive = request.headers["x-batch-validation"] === "permissive";
  const faults: (ResendError | null)[] = [];
  for (const one of body as unknown[]) {
    // What is read is made again where it is sent: a hundred at once would be as many times the greatest message.
    const read = await readOne(one, who, parts);
    faults.push(isFault(read) ? read : null);
    await turn();
  }
  const faulty = faults.find((one) => one !== null);
  if (faulty && !permissive) return faulty;
  const key = request.headers["idempotency-key"];
  const data: object[] = [];
  const errors: { index: number; message: string }[] = [];
  for (const [index, one] of body.entries()) {
    const own = key === undefined ? undefined : `${String(key)}/${index}`;
    const result = faults[index] ?? (await sendOne(one, own, who, parts));
    if (!isFault(result)) data.push(result);
    else if (permissive) errors.push({ index, message: result.message });
    else return result;
  }
  return permissive ? { data, errors } : { data };
}

async function readOne(body: unknown, who: Submitter, parts: CompatParts): Promise<Content | ResendError> {
  if (body === undefined) return fault(400, "validation_error", "The body is no JSON.");
  const read = emailShape.safeParse(body);
  if (!read.success) {
    const { path, message } = read.error.issues[0]!;
    const member = path.map(String).join(".");
    const missing = typeof body === "object" && body !== null && !Object.hasOwn(body, member);
    return missing
      ? fault(422, "missing_required_field", `Missing \`${member}\` field.`)
      : invalid(`Invalid \`${member}\` field. ${message}`);
  }
  const cannot = unsupported(read.data);
  if (cannot !== null) return invalid(`\`${cannot}\` is not supported by this server (Postern).`);
  const email = await fromTemplate(read.data, who, parts);
  if (isFault(email)) return email;
  const at = email.scheduled_at ? scheduledAt(email.scheduled_at, parts.clock.now()) : undefined;
  if (at === null) return invalid(UNREADABLE_TIME);
  const content = readMessageThere(
    { ...jsonOfEmail(email), ...(at === undefined ? {} : { sendAt: at }) },
    parts.random,
  );
  return "code" in content ? invalid(content.detail) : content;
}

async function sendOne(
  body: unknown,
  givenKey: string | string[] | undefined,
  who: Submitter,
  parts: CompatParts,
): Promise<{ id: string } | ResendError> {
  const key = readKey(givenKey);
  if (typeof key === "object") return fault(400, "invalid_idempotency_key", key.detail);
  const content = await readOne(body, who, parts);
  if (isFault(content)) return content;
  const idempotency = key === undefined ? {} : { idempotency: keyedJson(key, body) };
  const answer = await parts.port.accept({ submitter: who, door: "http", ...content, ...idempotency });
  if (answer.kind === "accepted") return { id: answer.spoolId };
  const { code, http, publicMessage } = answer.refusal;
  if (code === "idempotency-key-reused") return fault(409, "invalid_idempotent_request", publicMessage);
  if (code === "author-not-allowed") return fault(403, "validation_error", publicMessage);
  return fault(http.status, http.status >= 500 ? "service_unavailable" : "validation_error", publicMessage);
}
