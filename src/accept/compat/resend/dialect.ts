import type { FastifyInstance, FastifyReply } from "fastify";
import { type KeyedDialect, type KeyedFault, type WhoOf, bearerOf, keyedScope } from "../keyed.ts";
import type { CompatParts } from "../compat.ts";

/** resend.com/docs/api-reference/errors (seen 2026-11-25). */
export type ResendError = { statusCode: number; name: string; message: string };
export const fault = (statusCode: number, name: string, message: string): ResendError => ({
  statusCode,
  name,
  message,
});
export const invalid = (message: string): ResendError => fault(422, "validation_error", message);
export const notFound = (what: string): ResendError => fault(404, "not_found", `${what} not found`);
export const notSupported = (what: string): ResendError =>
  fault(403, "invalid_access", `${what} is not supported by this server (Postern).`);
export const isFault = (value: object): value is ResendError => "statusCode" in value;

export const send = (reply: FastifyReply, value: object): FastifyReply =>
  reply
    .code(isFault(value) ? value.statusCode : 200)
    .type("application/json; charset=utf-8")
    .send(JSON.stringify(value));

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

/** One of its collections. `shared`: another dialect has a path of that name, and only requests with a bearer are ours. */
export const resendScope = (
  server: FastifyInstance,
  parts: CompatParts,
  prefix: string,
  shared: boolean,
  routes: (scope: FastifyInstance, whoOf: WhoOf) => void,
): void => keyedScope(server, parts, { ...DIALECT, onlyBearer: shared }, prefix, routes);

export const instant = (ms: number): string => new Date(ms).toISOString().replace("T", " ").replace("Z", "+00");
