import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Submitter } from "../submission.ts";
import type { CompatParts } from "./compat.ts";
import { type Dialect, compatScope } from "./scope.ts";

/** What every dialect has to say that is not about the message: each says it with a status and in a shape of its own. */
export type KeyedFault = {
  kind: "no-key" | "wrong-key" | "closed" | "failed";
  /** For the client; of `closed` and `failed`. */
  message: string;
  /** Of `closed`: when to ask again. */
  retryAfterS?: number;
};

/** A dialect whose key comes in a header, so that who asks is known before a body is read. */
export type KeyedDialect = Pick<Dialect, "name" | "octets"> & {
  /** Another dialect has the same paths; only requests that bring a bearer come here. */
  onlyBearer?: boolean;
  /** As `onlyBearer`, for those that bring a name and a password (RFC 7617). */
  onlyBasic?: boolean;
  /** Null: there is none, or it has not the dialect's form. */
  keyOf(headers: FastifyRequest["headers"]): string | null;
  /** Gives the whole answer. */
  fault(reply: FastifyReply, fault: KeyedFault): unknown;
};

export type WhoOf = (request: FastifyRequest) => Submitter;

/** `compatScope` of one prefix for a dialect with a key in a header; `whoOf` gives who sent a request that came through. */
export function keyedScope(
  server: FastifyInstance,
  parts: CompatParts,
  { name, octets = false, onlyBearer = false, onlyBasic = false, keyOf, fault }: KeyedDialect,
  prefix: string,
  routes: (scope: FastifyInstance, whoOf: WhoOf) => void,
): void {
  const who = new WeakMap<FastifyRequest, Submitter>();
  const dialect: Dialect = {
    name,
    prefix,
    octets,
    closed(reply, { publicMessage, retryAfterS }) {
      if (retryAfterS !== undefined) reply.header("retry-after", String(retryAfterS));
      fault(reply, {
        kind: "closed",
        message: publicMessage,
        ...(retryAfterS === undefined ? {} : { retryAfterS }),
      });
    },
    failed: (reply) =>
      void fault(reply, { kind: "failed", message: "The request failed here; the server's log names the cause." }),
    authenticate(request, reply) {
      const key = keyOf(request.headers);
      const submitter = key === null ? null : parts.port.authenticateApiKey(key);
      if (submitter) who.set(request, submitter);
      else fault(reply, { kind: key === null ? "no-key" : "wrong-key", message: "" });
      return submitter;
    },
  };
  const scheme = onlyBearer ? "bearer" : onlyBasic ? "basic" : null;
  if (scheme && !server.hasConstraintStrategy(SCHEME)) server.addConstraintStrategy(byScheme);
  compatScope(server, parts, dialect, (scope) => {
    if (scheme) {
      scope.addHook("onRoute", (route) => {
        route.constraints = { ...route.constraints, [SCHEME]: scheme };
      });
    }
    routes(scope, (request) => who.get(request)!);
  });
}

const SCHEME = "authScheme";
/** Tells requests on one path apart by how they say who they are. */
const byScheme: Parameters<FastifyInstance["addConstraintStrategy"]>[0] = {
  name: SCHEME,
  storage() {
    const kept = new Map<unknown, Parameters<ReturnType<typeof byScheme.storage>["set"]>[1]>();
    return {
      get: (scheme) => kept.get(scheme) ?? null,
      set: (scheme, handler) => void kept.set(scheme, handler),
      del: (scheme) => void kept.delete(scheme),
      empty: () => kept.clear(),
    };
  },
  deriveConstraint: ({ headers }) => /^(bearer|basic) /i.exec(headers.authorization ?? "")?.[1]?.toLowerCase(),
  validate: () => undefined,
};

/** RFC 6750 §2.1. */
export const bearerOf = (headers: FastifyRequest["headers"]): string | null =>
  /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1] ?? null;
