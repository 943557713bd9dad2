import type { FastifyInstance, FastifyReply } from "fastify";
import { parseMailbox } from "../../../mail/index.ts";
import { readMessage } from "../../http/submit/read-message.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { type KeyedDialect, type KeyedFault, bearerOf, keyedScope } from "../keyed.ts";
import { jsonOf } from "../scope.ts";
import { suppressed } from "../suppressed.ts";
import { addressesShape, jsonOfMail, mailShape, unsupported } from "./read.ts";

/** docs.sendgrid.com/api-reference/how-to-use-the-sendgrid-v3-api/errors (seen 2026-11-25). */
type Fault = { status: number; errors: { message: string; field: string | null; help: null }[] };
const fault = (status: number, message: string, field: string | null = null): Fault => ({
  status,
  errors: [{ message, field, help: null }],
});
const isFault = (value: object): value is Fault => "errors" in value && "status" in value;

const WORDS: Record<KeyedFault["kind"], (message: string) => Fault> = {
  "no-key": () => fault(401, "The provided authorization grant is invalid, expired, or revoked"),
  "wrong-key": () => fault(401, "The provided authorization grant is invalid, expired, or revoked"),
  closed: (message) => fault(503, message),
  failed: (message) => fault(500, message),
};
const DIALECT: KeyedDialect = {
  name: "sendgrid",
  keyOf: bearerOf,
  fault: (reply, { kind, message }) => refuse(reply, WORDS[kind](message)),
};

/** Speaks as SendGrid does: POST /v3/mail/send and the global suppression list. Keys are the apiKey of a Postern credential. */
export function registerSendGrid(server: FastifyInstance, parts: CompatParts): void {
  keyedScope(server, parts, DIALECT, "/v3/mail", (scope, whoOf) => {
    scope.post("/send", async (request, reply) => {
      const result = await sendAll(jsonOf(request.body), whoOf(request), parts);
      if (isFault(result)) return refuse(reply, result);
      return reply.code(202).header("x-message-id", result.id).send("");
    });
  });
  keyedScope(server, parts, DIALECT, "/v3/asm/suppressions/global", (scope, whoOf) => {
    scope.post("/", async (request, reply) => {
      const read = addressesShape.safeParse(jsonOf(request.body));
      if (!read.success || !read.data.recipient_emails.every((email) => parseMailbox(email))) {
        return refuse(reply, fault(400, "must be a list of mail addresses", "recipient_emails"));
      }
      const { tenant, credential } = whoOf(request);
      for (const email of read.data.recipient_emails) {
        if ((await parts.suppressions.add(tenant, email, `by ${credential}`, "unsubscribed")) === "full") {
          return refuse(reply, fault(400, "the list holds as many addresses as it may", "recipient_emails"));
        }
      }
      return reply.code(201).send({ recipient_emails: read.data.recipient_emails });
    });
    scope.get("/:email", async (request, reply) => {
      const { email } = request.params as { email: string };
      const found = parseMailbox(email)
        ? await suppressed(parts.suppressions, whoOf(request).tenant, email)
        : undefined;
      return reply.send(found ? { recipient_email: email } : {});
    });
    scope.delete("/:email", async (request, reply) => {
      const { email } = request.params as { email: string };
      await parts.suppressions.remove(whoOf(request).tenant, email);
      return reply.code(204).send();
    });
  });
}

async function sendAll(body: unknown, who: Submitter, parts: CompatParts): Promise<{ id: string } | Fault> {
  if (body === undefined) return fault(400, "Bad Request: the body is no JSON");
  const read = mailShape.safeParse(body);
  if (!read.success) {
    const { path, message } = read.error.issues[0]!;
    return fault(400, message, path.map(String).join("."));
  }
  const mail = read.data;
  const cannot = unsupported(mail);
  if (cannot !== null) return fault(400, "This is not supported by this server (Postern).", cannot);
  const contents = mail.personalizations.map((one) => readMessage(jsonOfMail(mail, one), parts.random));
  const faulty = contents.find((one) => "code" in one);
  if (faulty && "code" in faulty) return fault(400, faulty.detail, null);
  // A rehearsal: everything was checked, nothing is sent.
  if (mail.mail_settings?.sandbox_mode?.enable) return { id: "" };
  let id = "";
  for (const content of contents) {
    if ("code" in content) continue;
    const answer = await parts.port.accept({ submitter: who, door: "http", ...content });
    if (answer.kind === "refused") {
      const { code, http, publicMessage } = answer.refusal;
      return fault(
        http.status === 422 ? 400 : http.status,
        publicMessage,
        code === "author-not-allowed" ? "from" : null,
      );
    }
    id ||= answer.spoolId;
  }
  return { id };
}

const refuse = (reply: FastifyReply, { status, errors }: Fault): FastifyReply => reply.code(status).send({ errors });
