import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Form, readForm } from "../../../mail/index.ts";
import { readMessage } from "../../http/submit/read-message.ts";
import type { Submission, Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { type KeyedDialect, type KeyedFault, type WhoOf, keyedScope } from "../keyed.ts";
import { identified, isTest, jsonOfForm, rawOfForm, unsupported } from "./read.ts";

/** Errors there are a message, with the status that says the rest; a wrong key is the bare word. */
type Fault = { status: number; message: string };
const fault = (status: number, message: string): Fault => ({ status, message });
type Taken = { id: string; message: string };

const WORDS: Record<KeyedFault["kind"], (reply: FastifyReply, message: string) => FastifyReply> = {
  "no-key": (reply) => reply.code(401).type("text/plain").send("Forbidden"),
  "wrong-key": (reply) => reply.code(401).type("text/plain").send("Forbidden"),
  closed: (reply, message) => refuse(reply, fault(503, message)),
  failed: (reply, message) => refuse(reply, fault(500, message)),
};
const DIALECT: KeyedDialect = {
  name: "mailgun",
  octets: true,
  keyOf(headers) {
    const credential = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(headers.authorization ?? "")?.[1] ?? "";
    return /^api:(.+)$/.exec(Buffer.from(credential, "base64").toString("utf8"))?.[1] ?? null;
  },
  fault: (reply, { kind, message }) => WORDS[kind](reply, message),
};

/**
 * Speaks as Mailgun does: POST /v3/{domain}/messages and messages.mime. The key of `api:KEY` is the apiKey of a Postern
 * credential; the domain in the path is the client's own word for where it sends from, and the author decides.
 */
export function registerMailgun(server: FastifyInstance, parts: CompatParts): void {
  const route =
    (whoOf: WhoOf, work: (form: Form, domain: string, who: Submitter) => Promise<Taken | Fault>) =>
    async (request: FastifyRequest, reply: FastifyReply) => {
      const { domain } = request.params as { domain: string };
      if (!/^[a-z0-9.-]{1,253}$/i.test(domain)) return refuse(reply, fault(404, "Domain not found"));
      const form = await readForm(request.body as Buffer, request.headers["content-type"] ?? "");
      if (!form) return refuse(reply, fault(400, "The body is no form: send multipart/form-data."));
      const cannot = unsupported(form);
      if (cannot !== null) return refuse(reply, fault(400, `${cannot} is not supported by this server (Postern).`));
      const result = await work(form, domain.toLowerCase(), whoOf(request));
      return "status" in result ? refuse(reply, result) : reply.send(result);
    };
  keyedScope(server, parts, DIALECT, "/v3/:domain", (scope, whoOf) => {
    scope.post(
      "/messages",
      route(whoOf, async (form, domain, submitter) => {
        const { json, messageId } = jsonOfForm(form, domain, parts.random);
        const content = readMessage(json, parts.random);
        if ("code" in content) return fault(400, content.detail);
        return submit(content, messageId, isTest(form), submitter, parts);
      }),
    );
    scope.post(
      "/messages.mime",
      route(whoOf, async (form, domain, submitter) => {
        const content = rawOfForm(form, domain);
        if (typeof content === "string") return fault(400, content);
        const { raw, messageId } = identified(content.raw, domain, parts);
        return submit({ ...content, raw }, messageId, isTest(form), submitter, parts);
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
  if (answer.kind === "accepted") return taken(messageId);
  const { http, publicMessage } = answer.refusal;
  return fault(http.status === 422 ? 400 : http.status, publicMessage);
}

const refuse = (reply: FastifyReply, { status, message }: Fault): FastifyReply => reply.code(status).send({ message });
