import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isUuid, uuidText, uuidV7 } from "../../../kernel/index.ts";
import type { CompatParts } from "../compat.ts";
import { type Dialect, compatScope, jsonOf } from "../scope.ts";
import { type WireRequest, sha256 } from "./canonical.ts";
import { type SesError, isSesError, sesError } from "./errors.ts";
import { operationOf } from "./operations.ts";
import { type Signature, WRONG_SIGNATURE, readSignature } from "./signature.ts";

const PREFIX = "/v2/email";

/**
 * Speaks as Amazon SES does, API version 2.
 * 1. Who signed the request, before its body is read (signature.ts).  2. Whether the body is the one that was signed.
 * 3. The operation by method and path (operations.ts); what there is none for is refused by name.
 * Keys are the `aws` pair of a Postern credential; any region will do, since there is but one account behind it.
 */
export function registerSes(server: FastifyInstance, parts: CompatParts): void {
  const signatures = new WeakMap<FastifyRequest, Signature>();
  const say = (reply: FastifyReply, answer: object): FastifyReply => {
    reply.header("x-amzn-requestid", uuidText(uuidV7(parts.clock, parts.random)));
    reply.type("application/json");
    if (!isSesError(answer)) return reply.code(200).send(JSON.stringify(answer));
    if (answer.retryAfterS !== undefined) reply.header("retry-after", String(answer.retryAfterS));
    reply.header("x-amzn-errortype", answer.type);
    return reply.code(answer.status).send(JSON.stringify({ message: answer.message }));
  };
  const dialect: Dialect = {
    name: "ses",
    prefix: PREFIX,
    octets: true,
    closed: (reply, { publicMessage, retryAfterS }) =>
      void say(reply, sesError(503, "ServiceUnavailable", publicMessage, retryAfterS)),
    failed: (reply) =>
      void say(
        reply,
        sesError(500, "InternalServiceErrorException", "The request failed here; the server's log names the cause."),
      ),
    authenticate(request, reply) {
      const read = signatureOf(request, parts);
      if (isSesError(read)) say(reply, read);
      else signatures.set(request, read);
      return isSesError(read) ? null : read.submitter;
    },
  };
  compatScope(server, parts, dialect, (scope) => {
    scope.all("/*", async (request, reply) => {
      const { submitter, announced, holdsFor } = signatures.get(request)!;
      const octets = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const hash = sha256(octets);
      const isSigned = announced === null ? holdsFor(hash) : announced === hash;
      if (!isSigned) return say(reply, WRONG_SIGNATURE);
      const { path, query } = targetOf(request);
      const found = operationOf(request.method, path);
      if (!found) return say(reply, unknownOperation(request.method, path));
      const json = octets.length === 0 ? undefined : jsonOf(octets);
      const call = { who: submitter, name: found.name, query, json, once: onceOf(request, octets) };
      return say(reply, await found.operation.handle(call, parts));
    });
  });
}

/** Where the client announced the hash of its body, the signature is checked here: nobody else's body is read. */
function signatureOf(request: FastifyRequest, { port, clock }: CompatParts): Signature | SesError {
  const { rawHeaders, url = "", method = "" } = request.raw;
  const wire: WireRequest = { method, target: url, rawHeaders };
  const read = readSignature(wire, port, clock.now());
  if (isSesError(read) || read.announced === null || read.holdsFor(read.announced)) return read;
  return WRONG_SIGNATURE;
}

function targetOf(request: FastifyRequest): { path: string; query: URLSearchParams } {
  const [path = "", query = ""] = (request.raw.url ?? "").split("?", 2);
  return { path: path.slice(PREFIX.length + 1), query: new URLSearchParams(query) };
}

const unknownOperation = (method: string, path: string): SesError =>
  sesError(
    404,
    "UnknownOperationException",
    `${method} ${PREFIX}/${path.replace(/[^\x21-\x7e]/g, "?").slice(0, 200)} is not supported by this server (Postern).`,
  );

/** The SDKs of AWS name each call and send it again under the same name where no answer came. */
function onceOf(request: FastifyRequest, octets: Buffer): { key: string; bodyHash: Buffer } | null {
  const id = request.headers["amz-sdk-invocation-id"];
  if (typeof id !== "string" || !isUuid(id)) return null;
  return { key: `aws-sdk/${id}`, bodyHash: createHash("sha256").update(octets).digest() };
}
