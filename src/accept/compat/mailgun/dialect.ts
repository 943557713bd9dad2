import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { type KeyedDialect, type KeyedFault, type WhoOf, keyedScope } from "../keyed.ts";

/** Errors there are a message, with the status that says the rest; a wrong key is the bare word. */
export type Fault = { refused: number; message: string; retryAfterS?: number };
export const fault = (status: number, message: string): Fault => ({ refused: status, message });
export const isFault = (value: object): value is Fault => "refused" in value;
export const notSupported = (what: string): Fault => fault(400, `${what} is not supported by this server (Postern).`);
export const NO_DOMAIN = fault(404, "Domain not found");

export function send(reply: FastifyReply, value: object, status = 200): FastifyReply {
  reply.type("application/json; charset=utf-8");
  if (!isFault(value)) return reply.code(status).send(JSON.stringify(value));
  if (value.retryAfterS !== undefined) reply.header("retry-after", String(value.retryAfterS));
  return reply.code(value.refused).send(JSON.stringify({ message: value.message }));
}

const WORDS: Record<KeyedFault["kind"], (reply: FastifyReply, message: string) => FastifyReply> = {
  "no-key": (reply) => reply.code(401).type("text/plain").send("Forbidden"),
  "wrong-key": (reply) => reply.code(401).type("text/plain").send("Forbidden"),
  closed: (reply, message) => send(reply, fault(503, message)),
  failed: (reply, message) => send(reply, fault(500, message)),
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

/** A path below `/v3/{domain}` that no other dialect has; also requests without a key are answered here. */
export const openScope = (
  server: FastifyInstance,
  parts: CompatParts,
  prefix: string,
  routes: (scope: FastifyInstance, whoOf: WhoOf) => void,
): void => keyedScope(server, parts, DIALECT, prefix, routes);

/** Paths that others have too, or that a wildcard of ours would take from them: only `api:KEY` comes here. */
export const mailgunScope = (
  server: FastifyInstance,
  parts: CompatParts,
  prefix: string,
  routes: (scope: FastifyInstance, whoOf: WhoOf) => void,
): void => keyedScope(server, parts, { ...DIALECT, onlyBasic: true }, prefix, routes);

/** Who asks, for which of their domains. */
export type Asked = { who: Submitter; domain: string };

/** What a domain's part of the API is about: everything in a scope whose prefix has `:domain`, for the tenant's own domains. */
export function ofDomain(
  { tenants }: CompatParts,
  whoOf: WhoOf,
  work: (asked: Asked, request: FastifyRequest) => Promise<object> | object,
  status = 200,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  return async (request, reply) => {
    const who = whoOf(request);
    const domain = (request.params as { domain: string }).domain.toLowerCase();
    if (!tenants.find(who.tenant)?.owns(domain)) return send(reply, NO_DOMAIN);
    return send(reply, await work({ who, domain }, request), status);
  };
}

/** `Thu, 11 Dec 2025 01:49:40 UTC`: instants as they are written there (RFC 2822, in UTC). */
export const instant = (ms: number): string => new Date(ms).toUTCString().replace("GMT", "UTC");

/** `https://host:port` that the client came by, for addresses it follows. */
export const origin = ({ publicUrl }: CompatParts, request: FastifyRequest): string =>
  publicUrl?.replace(/\/$/, "") ?? `${request.protocol}://${request.host}`;

/** A parameter of the query; where it came twice, the first. */
export function queried(request: FastifyRequest, name: string): string | undefined {
  const value = (request.query as Record<string, unknown>)[name];
  const given: unknown = Array.isArray(value) ? value[0] : value;
  return typeof given === "string" && given !== "" ? given : undefined;
}
export const pathRest = (request: FastifyRequest): string => (request.params as { "*": string })["*"];
