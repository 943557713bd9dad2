import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { readMessage } from "../../http/submit/read-message.ts";
import type { Refusal, Submission, Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { compatScope } from "../scope.ts";
import { type Form, readForm } from "./form.ts";
import { isTest, jsonOfForm, rawOfForm, unsupported } from "./read.ts";

/** Errors there are a message, with the status that says the rest; a wrong key is the bare word. */
type Fault = { status: number; message: string };
const fault = (status: number, message: string): Fault => ({ status, message });
type Taken = { id: string; message: string };

/**
 * Speaks as Mailgun does: POST /v3/{domain}/messages and messages.mime. The key of `api:KEY` is the apiKey of a Postern
 * credential; the domain in the path is the client's own word for where it sends from, and the author decides.
 */
export function registerMailgun(server: FastifyInstance, parts: CompatParts): void {
  const who = new WeakMap<FastifyRequest, Submitter>();
  const dialect = {
    name: "mailgun",
    prefix: "/v3/:domain",
    octets: true,
    closed: (reply: FastifyReply, { publicMessage, retryAfterS }: Pick<Refusal, "publicMessage" | "retryAfterS">) => {
      if (retryAfterS !== undefined) reply.header("retry-after", String(retryAfterS));
      refuse(reply, fault(503, publicMessage));
    },
    failed: (reply: FastifyReply) =>
      refuse(reply, fault(500, "The request failed here; the server's log names the cause.")),
    authenticate(request: FastifyRequest, reply: FastifyReply): boolean {
      const credential = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
      const key = /^api:(.+)$/.exec(Buffer.from(credential, "base64").toString("utf8"))?.[1];
      const submitter = key === undefined ? null : parts.port.authenticateApiKey(key);
      if (submitter) who.set(request, submitter);
      else reply.code(401).type("text/plain").send("Forbidden");
      return submitter !== null;
    },
  };
  const route =
    (work: (form: Form, domain: string, who: Submitter) => Promise<Taken | Fault>) =>
    async (request: FastifyRequest, reply: FastifyReply) => {
      const { domain } = request.params as { domain: string };
      if (!/^[a-z0-9.-]{1,253}$/i.test(domain)) return refuse(reply, fault(404, "Domain not found"));
      const form = await readForm(request.body as Buffer, request.headers["content-type"] ?? "");
      if (!form) return refuse(reply, fault(400, "The body is no form: send multipart/form-data."));
      const cannot = unsupported(form);
      if (cannot !== null) return refuse(reply, fault(400, `${cannot} is not supported by this server (Postern).`));
      const result = await work(form, domain.toLowerCase(), who.get(request)!);
      return "status" in result ? refuse(reply, result) : reply.send(result);
    };
  compatScope(server, parts, dialect, (scope) => {
    scope.post(
      "/messages",
      route(async (form, domain, submitter) => {
        const { json, messageId } = jsonOfForm(form, domain, parts.random);
        const content = readMessage(json, parts.random);
        if ("code" in content) return fault(400, content.detail);
        return submit(content, messageId, isTest(form), submitter, parts);
      }),
    );
    scope.post(
      "/messages.mime",
      route(async (form, domain, submitter) => {
        const content = rawOfForm(form, domain);
        if (typeof content === "string") return fault(400, content);
        return submit(content, "", isTest(form), submitter, parts);
      }),
    );
  });
}

async function submit(
  content: Pick<Submission, "stream" | "envelope" | "raw">,
  messageId: string,
  rehearsal: boolean,
  submitter: Submitter,
  { port }: CompatParts,
): Promise<Taken | Fault> {
  const taken = (id: string): Taken => ({ id, message: "Queued. Thank you." });
  if (rehearsal) return taken(messageId); // everything was checked, nothing is sent
  const answer = await port.accept({ submitter, door: "http", ...content });
  if (answer.kind === "accepted") return taken(messageId || `<${answer.spoolId}@postern>`);
  const { http, publicMessage } = answer.refusal;
  return fault(http.status === 422 ? 400 : http.status, publicMessage);
}

const refuse = (reply: FastifyReply, { status, message }: Fault): FastifyReply => reply.code(status).send({ message });
