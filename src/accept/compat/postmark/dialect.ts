import type { FastifyInstance, FastifyReply } from "fastify";
import type { CompatParts } from "../compat.ts";
import { type KeyedDialect, type KeyedFault, type WhoOf, keyedScope } from "../keyed.ts";

/** postmarkapp.com/developer/api/overview, "API error codes" (seen 2026-11-25). */
export const CODE = {
  token: 10,
  unavailable: 100,
  invalid: 300,
  sender: 400,
  json: 402,
  bounceNotFound: 407,
  batchTooLong: 410,
  broken: 500,
  parameter: 600,
  notFound: 701,
  templateNotFound: 1101,
  templateModel: 1109,
  templateInvalid: 1122,
  streamNotFound: 1226,
  streamUnknown: 1235,
} as const;

export type Fault = { status: number; ErrorCode: number; Message: string };
export const fault = (status: number, ErrorCode: number, Message: string): Fault => ({ status, ErrorCode, Message });
export const isFault = (value: object): value is Fault => "status" in value && "ErrorCode" in value;
export const notSupported = (what: string): Fault =>
  fault(422, CODE.invalid, `${what} is not supported by this server (Postern).`);

export const refuse = (reply: FastifyReply, { status, ...body }: Fault): FastifyReply => reply.code(status).send(body);
export const give = (reply: FastifyReply, value: object): FastifyReply =>
  isFault(value) ? refuse(reply, value) : reply.send(value);

const WORDS: Record<KeyedFault["kind"], (message: string) => Fault> = {
  "no-key": () => fault(401, CODE.token, "Request does not contain a valid Server token."),
  "wrong-key": () => fault(401, CODE.token, "Request does not contain a valid Server token."),
  closed: (message) => fault(503, CODE.unavailable, message),
  failed: (message) => fault(500, CODE.broken, message),
};
const DIALECT: KeyedDialect = {
  name: "postmark",
  keyOf(headers) {
    const token = headers["x-postmark-server-token"];
    return typeof token === "string" ? token : null;
  },
  fault: (reply, { kind, message }) => refuse(reply, WORDS[kind](message)),
};

export const postmarkScope = (
  server: FastifyInstance,
  parts: CompatParts,
  prefix: string,
  routes: (scope: FastifyInstance, whoOf: WhoOf) => void,
): void => keyedScope(server, parts, DIALECT, prefix, routes);

export const instant = (ms: number): string => new Date(ms).toISOString();
/** There is one server here: the tenant. */
export const SERVER_ID = 1;
