import type { FastifyInstance, FastifyReply } from "fastify";
import { type SpoolId, isUuid } from "../../../kernel/index.ts";
import type { MessageStory, RecipientState } from "../../../spool/index.ts";
import { keyedJson, readKey } from "../../http/idempotency.ts";
import { readMessage } from "../../http/submit/read-message.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { type KeyedDialect, type KeyedFault, bearerOf, keyedScope } from "../keyed.ts";
import { jsonOf } from "../scope.ts";
import { emailShape, jsonOfEmail, unsupported } from "./read.ts";

/** resend.com/docs/api-reference/errors (seen 2026-11-25). */
type ResendError = { statusCode: number; name: string; message: string };
const fault = (statusCode: number, name: string, message: string): ResendError => ({ statusCode, name, message });
const isFault = (value: object): value is ResendError => "statusCode" in value;

const BATCH = 100;

const WORDS: Record<KeyedFault["kind"], (message: string) => ResendError> = {
  "no-key": () => fault(401, "missing_api_key", "Missing API key in the authorization header."),
  "wrong-key": () => fault(403, "invalid_api_key", "API key is invalid."),
  closed: (message) => fault(503, "service_unavailable", message),
  failed: (message) => fault(500, "application_error", message),
};
const DIALECT: KeyedDialect = {
  name: "resend",
  keyOf: bearerOf,
  fault: (reply, { kind, message }) => send(reply, WORDS[kind](message)),
};

/** Speaks as Resend does: POST /emails, /emails/batch and GET /emails/{id}. Keys are the apiKey of a Postern credential. */
export function registerResend(server: FastifyInstance, parts: CompatParts): void {
  keyedScope(server, parts, DIALECT, "/emails", (scope, whoOf) => {
    scope.post("/", async (request, reply) => {
      const result = await sendOne(jsonOf(request.body), request.headers["idempotency-key"], whoOf(request), parts);
      return send(reply, result);
    });
    scope.post("/batch", async (request, reply) => {
      const body = jsonOf(request.body);
      if (!Array.isArray(body) || body.length === 0 || body.length > BATCH) {
        return send(reply, fault(422, "validation_error", `The body must be a list of 1 to ${BATCH} emails.`));
      }
      // All are read before one is sent: the dialect knows no partial success.
      const faulty = body.map((one) => readOne(one, parts)).find(isFault);
      if (faulty) return send(reply, faulty);
      const results: object[] = [];
      const key = request.headers["idempotency-key"];
      for (const [n, one] of body.entries()) {
        const result = await sendOne(one, key === undefined ? undefined : `${String(key)}/${n}`, whoOf(request), parts);
        if (isFault(result)) return send(reply, result);
        results.push(result);
      }
      return send(reply, { data: results });
    });
    scope.get("/:id", async (request, reply) => {
      const { id } = request.params as { id: string };
      const story = isUuid(id) ? await parts.stories.find(whoOf(request).tenant, id as SpoolId) : null;
      return send(reply, story ? emailThere(story) : fault(404, "not_found", "Email not found"));
    });
    scope.all("/*", (_request, reply) =>
      send(reply, fault(404, "not_found", "This part of the Resend API is not supported by this server (Postern).")),
    );
  });
}

function readOne(body: unknown, parts: CompatParts) {
  if (body === undefined) return fault(400, "validation_error", "The body is no JSON.");
  const read = emailShape.safeParse(body);
  if (!read.success) {
    const { path, message } = read.error.issues[0]!;
    const member = path.map(String).join(".");
    const missing = !(member in (body as object));
    return missing
      ? fault(422, "missing_required_field", `Missing \`${member}\` field.`)
      : fault(422, "validation_error", `Invalid \`${member}\` field. ${message}`);
  }
  const cannot = unsupported(read.data);
  if (cannot !== null)
    return fault(422, "validation_error", `\`${cannot}\` is not supported by this server (Postern).`);
  const content = readMessage(jsonOfEmail(read.data), parts.random);
  return "code" in content ? fault(422, "validation_error", content.detail) : content;
}

async function sendOne(
  body: unknown,
  givenKey: string | string[] | undefined,
  who: Submitter,
  parts: CompatParts,
): Promise<{ id: string } | ResendError> {
  const key = readKey(givenKey);
  if (typeof key === "object") return fault(400, "invalid_idempotency_key", key.detail);
  const content = readOne(body, parts);
  if (isFault(content)) return content;
  const idempotency = key === undefined ? {} : { idempotency: keyedJson(key, body) };
  const answer = await parts.port.accept({ submitter: who, door: "http", ...content, ...idempotency });
  if (answer.kind === "accepted") return { id: answer.spoolId };
  const { code, http, publicMessage } = answer.refusal;
  if (code === "idempotency-key-reused") return fault(409, "invalid_idempotent_request", publicMessage);
  if (code === "author-not-allowed") return fault(403, "validation_error", publicMessage);
  return fault(http.status, http.status >= 500 ? "service_unavailable" : "validation_error", publicMessage);
}

const EVENTS: Record<RecipientState, string> = {
  pending: "queued",
  "handed-off": "sent",
  delivered: "delivered",
  rejected: "bounced",
  expired: "failed",
  suppressed: "suppressed",
  cancelled: "canceled",
};

/** Subject and bodies are not kept: they may hold a secret. */
const emailThere = (story: MessageStory) => ({
  object: "email",
  id: story.spoolId,
  message_id: story.headerMessageId,
  to: story.recipients.map((one) => one.address),
  from: story.author,
  created_at: new Date(story.acceptedAt).toISOString().replace("T", " ").replace("Z", "+00"),
  subject: "",
  html: null,
  text: null,
  bcc: [],
  cc: [],
  reply_to: [],
  last_event: EVENTS[story.recipients[0]?.state ?? "pending"],
});

const send = (reply: FastifyReply, value: object): FastifyReply =>
  reply
    .code(isFault(value) ? value.statusCode : 200)
    .type("application/json; charset=utf-8")
    .send(JSON.stringify(value));
