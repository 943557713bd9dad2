import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { HttpBounds } from "./bounds.ts";
import type { HttpDoorParts } from "../doors.ts";
import { answerFrameworkError, clientErrorHandler, errorAnswer } from "./errors.ts";
import { acceptMediaTypes } from "./media-types.ts";
import { bodyMemory, guardsOf } from "./guards.ts";
import { type Call, type Operation, operationsOf } from "./operations/index.ts";
import { problem, problemAnswer } from "./problem.ts";
import { send } from "./reply.ts";

/** What may be learned of our pages by others: nothing. */
const HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
} as const;
const V1_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
} as const;

const NOT_FOUND = problemAnswer(
  problem(404, "not-found", "There is nothing at this address. /v1/openapi.json lists what there is."),
);

/** The server, not yet listening. `draining.now` makes every answer the last one of its connection. */
export function buildServer(
  parts: HttpDoorParts,
  bounds: HttpBounds,
): { server: FastifyInstance; draining: { now: boolean } } {
  const draining = { now: false };
  const server = Fastify({
    logger: false,
    trustProxy: false,
    bodyLimit: bounds.plainBodyBytes,
    requestTimeout: bounds.requestTimeoutMs,
    connectionTimeout: bounds.idleTimeoutMs,
    keepAliveTimeout: bounds.keepAliveTimeoutMs,
    forceCloseConnections: "idle",
    return503OnClosing: false, // intakeRefusal says it, as a problem; reads go on to the end
    onProtoPoisoning: "error",
    onConstructorPoisoning: "error",
    clientErrorHandler,
    frameworkErrors: answerFrameworkError,
    http: {
      headersTimeout: bounds.headersTimeoutMs,
      connectionsCheckingInterval: bounds.checkEveryMs,
      maxHeaderSize: bounds.headerBytes,
    },
  });
  server.server.maxConnections = bounds.connections;

  server.addHook("onRequest", (request, reply, done) => {
    reply.headers(HEADERS);
    if (request.url.startsWith("/v1/")) reply.headers(V1_HEADERS);
    // Before the body is read: anybody may send one to nowhere.
    if (request.is404) return void send(reply, NOT_FOUND);
    done();
  });
  server.addHook("onSend", (_request, reply, _payload, done) => {
    if (draining.now) reply.header("connection", "close");
    done();
  });
  server.setNotFoundHandler((_request, reply) => send(reply, NOT_FOUND));
  server.setErrorHandler((error, request, reply) => {
    const answered = errorAnswer(error, request, parts);
    if (answered.status === 413) {
      // See guards.ts: what is still to come is dropped, and the answer arrives.
      reply.removeHeader("connection");
      request.raw.resume();
    }
    return send(reply, answered);
  });
  void server.register(
    async (v1) => {
      acceptMediaTypes(v1, parts.limits);
      registerOperations(v1, parts, bounds);
    },
    { prefix: "/v1" },
  );
  for (const extra of parts.extras) extra(server);
  return { server, draining };
}

function registerOperations(v1: FastifyInstance, parts: HttpDoorParts, bounds: HttpBounds): void {
  const operations = operationsOf(parts);
  const guards = guardsOf(parts, bodyMemory(parts.limits));
  for (const operation of operations) {
    v1.route({
      method: operation.method,
      url: operation.path.replace(/\{(\w+)\}/g, ":$1"),
      onRequest: guards.of(operation),
      ...(operation.open || !operation.takesMail ? { bodyLimit: bounds.plainBodyBytes } : {}),
      handler: (request, reply) => answer(operation, request, reply),
    });
  }
  const paths = new Map<string, string[]>();
  for (const { path, method } of operations) paths.set(path, [...(paths.get(path) ?? []), method]);
  for (const [path, methods] of paths) refuseOtherMethods(v1, path.replace(/\{(\w+)\}/g, ":$1"), methods);

  async function answer(operation: Operation, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const call = {
      params: request.params as Record<string, string>,
      query: request.query,
      headers: request.headers,
      body: request.body,
    };
    return send(
      reply,
      await (operation.open
        ? operation.handle({ ...call, submitter: null } satisfies Call<null>)
        : operation.handle({ ...call, submitter: guards.submitterOf(request) })),
    );
  }
}

const EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** RFC 9110 §15.5.6: with Allow. HEAD goes with GET. No CORS: OPTIONS is refused like the rest. */
function refuseOtherMethods(v1: FastifyInstance, url: string, methods: readonly string[]): void {
  const allowed = methods.includes("GET") ? [...methods, "HEAD"] : methods;
  v1.route({
    method: EVERY_METHOD.filter((method) => !allowed.includes(method)),
    url,
    // Answered before a body is read.
    onRequest: (_request, reply) => {
      const allow = allowed.toSorted().join(", ");
      const refused = problem(405, "method-not-allowed", `This address takes ${allow} alone.`);
      void send(reply, problemAnswer(refused, { allow }));
    },
    handler: () => {},
  });
}
