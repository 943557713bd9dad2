import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { parseMailbox } from "../../../mail/index.ts";
import { readMessage } from "../../http/submit/read-message.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { compatScope, jsonOf } from "../scope.ts";
import { addressesShape, jsonOfMail, mailShape, unsupported } from "./read.ts";

/** docs.sendgrid.com/api-reference/how-to-use-the-sendgrid-v3-api/errors (seen 2026-11-25). */
type Fault = { status: number; errors: { message: string; field: string | null; help: null }[] };
const fault = (status: number, message: string, field: string | null = null): Fault => ({
  status,
  errors: [{ message, field, help: null }],
});
const isFault = (value: object): value is Fault => "errors" in value && "status" in value;

/** Speaks as SendGrid does: POST /v3/mail/send and the global suppression list. Keys are the apiKey of a Postern credential. */
export function registerSendGrid(server: FastifyInstance, parts: CompatParts): void {
  const who = new WeakMap<FastifyRequest, Submitter>();
  const dialect = (prefix: string) => ({
    name: "sendgrid",
    prefix,
    closed: (reply: FastifyReply, { publicMessage, retryAfterS }: { publicMessage: string; retryAfterS?: number }) => {
      if (retryAfterS !== undefined) reply.header("retry-after", String(retryAfterS));
      refuse(reply, fault(503, publicMessage));
    },
    failed: (reply: FastifyReply) =>
      refuse(reply, fault(500, "The request failed here; the server's log names the cause.")),
    authenticate(request: FastifyRequest, reply: FastifyReply): boolean {
      const key = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
      const submitter = key === undefined ? null : parts.port.authenticateApiKey(key);
      if (submitter) who.set(request, submitter);
      else refuse(reply, fault(401, "The provided authorization grant is invalid, expired, or revoked"));
      return submitter !== null;
    },
  });

  compatScope(server, parts, dialect("/v3/mail"), (scope) => {
    scope.post("/send", async (request, reply) => {
      const result = await sendAll(jsonOf(request.body), who.get(request)!, parts);
      if (isFault(result)) return refuse(reply, result);
      return reply.code(202).header("x-message-id", result.id).send("");
    });
  });
  compatScope(server, parts, dialect("/v3/asm/suppressions/global"), (scope) => {
    scope.post("/", async (request, reply) => {
      const read = addressesShape.safeParse(jsonOf(request.body));
      if (!read.success || !read.data.recipient_emails.every((email) => parseMailbox(email))) {
        return refuse(reply, fault(400, "must be a list of mail addresses", "recipient_emails"));
      }
      const { tenant, credential } = who.get(request)!;
      for (const email of read.data.recipient_emails) await parts.suppressions.add(tenant, email, `by ${credential}`);
      return reply.code(201).send({ recipient_emails: read.data.recipient_emails });
    });
    scope.get("/:email", async (request, reply) => {
      const { email } = request.params as { email: string };
      const { tenant } = who.get(request)!;
      const [found] = await parts.suppressions.list(tenant, 1, justBefore(email.toLowerCase()));
      return reply.send(found?.address === email.toLowerCase() ? { recipient_email: email } : {});
    });
    scope.delete("/:email", async (request, reply) => {
      const { email } = request.params as { email: string };
      await parts.suppressions.remove(who.get(request)!.tenant, email);
      return reply.code(204).send();
    });
  });
}

/** The list is read by the address after which it goes on; this one stands right before `email`. */
const justBefore = (email: string): string =>
  email.slice(0, -1) + String.fromCharCode(email.charCodeAt(email.length - 1) - 1) + "\uffff";

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
