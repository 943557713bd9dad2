import type { FastifyInstance, FastifyReply } from "fastify";
import type { CompatParts } from "../compat.ts";
import { type KeyedFault, type WhoOf, bearerOf, keyedScope } from "../keyed.ts";

export type SendGridError = { message: string; field: string | null; help: string | null };
/** docs.sendgrid.com/api-reference/how-to-use-the-sendgrid-v3-api/errors (seen 2026-11-25). */
export type Fault = { status: number; errors: SendGridError[] };

export const fault = (status: number, message: string, field: string | null = null): Fault => ({
  status,
  errors: [{ message, field, help: null }],
});
export const isFault = (value: object): value is Fault => "errors" in value && "status" in value;
export const notFound = (what: string, field: string | null = null): Fault => fault(404, `${what} not found`, field);
/** A whole call that is not done here. */
export const notSupported = (what: string): Fault =>
  fault(403, `${what} is not supported by this server (Postern).`, null);
/** A member of a request that would change the mail and is not acted on. */
export const memberNotSupported = (field: string, why = ""): Fault =>
  fault(400, `This is not supported by this server (Postern).${why === "" ? "" : ` ${why}`}`, field);

export const refuse = (reply: FastifyReply, { status, errors }: Fault): FastifyReply =>
  reply.code(status).send({ errors });
export const answer = (reply: FastifyReply, value: object, status = 200): FastifyReply =>
  isFault(value) ? refuse(reply, value) : reply.code(status).send(value);
export const nothing = (reply: FastifyReply, status = 204): FastifyReply => reply.code(status).send();

const UNAUTHORIZED = "The provided authorization grant is invalid, expired, or revoked";
/** What passes within so short a time is a matter of pace; anything longer is an outage. */
const PACE_S = 1;

/** One part of its API. `shared`: another dialect may have paths below the prefix, and only requests with a bearer are ours. */
export function sendgridScope(
  server: FastifyInstance,
  parts: CompatParts,
  prefix: string,
  routes: (scope: FastifyInstance, whoOf: WhoOf) => void,
  shared = false,
): void {
  const closed = (reply: FastifyReply, { message, retryAfterS }: KeyedFault): Fault => {
    if (retryAfterS === undefined || retryAfterS > PACE_S) return fault(503, message);
    const reset = Math.ceil(parts.clock.now() / 1000) + retryAfterS;
    reply.headers({ "x-ratelimit-limit": "0", "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(reset) });
    return fault(429, message);
  };
  const dialect = {
    name: "sendgrid",
    onlyBearer: shared,
    keyOf: bearerOf,
    fault(reply: FastifyReply, one: KeyedFault): unknown {
      if (one.kind === "closed") return refuse(reply, closed(reply, one));
      return refuse(reply, one.kind === "failed" ? fault(500, one.message) : fault(401, UNAUTHORIZED));
    },
  };
  keyedScope(server, parts, dialect, prefix, (scope, whoOf) => {
    scope.addHook("preHandler", (request, reply, done) => {
      if (request.headers["on-behalf-of"] === undefined) return done();
      // Done as if it were for the key's own tenant, it would reach another's mail.
      refuse(reply, notSupported("Acting for a subuser (on-behalf-of)"));
    });
    routes(scope, whoOf);
  });
}

/** Of a member that is there several times the last one counts; NUL is in nothing that could be found. */
export const queryOf = (query: unknown): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(query as Record<string, string | string[]>).map(([name, given]) => [
      name,
      (Array.isArray(given) ? (given.at(-1) ?? "") : given).replaceAll("\0", "\ufffd"),
    ]),
  );

export const secondsOf = (ms: number): number => Math.floor(ms / 1000);
