import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { causeText } from "../../kernel/index.ts";
import { jsonBytes } from "../http/bounds.ts";
import { BODY_COPIES, bodyMemory } from "../http/guards.ts";
import type { BodyMemory } from "../http/memory.ts";
import type { Refusal, Submitter } from "../submission.ts";
import type { CompatParts } from "./compat.ts";

/** How a dialect says what has nothing to do with the message. Each gives the whole answer. */
export type Dialect = {
  name: string;
  prefix: string;
  /** Bodies reach the handlers as octets instead of text: forms with files. */
  octets?: boolean;
  /** Nothing is taken now; it passes. */
  closed(reply: FastifyReply, refusal: Pick<Refusal, "publicMessage" | "retryAfterS">): void;
  /** Something broke here; the log has the cause. */
  failed(reply: FastifyReply): void;
  /** Who asks, where that is known before the body is read; null: refused, and answered. */
  authenticate?(request: FastifyRequest, reply: FastifyReply): Submitter | null;
};

/** All dialects of a door hold their bodies in one memory: a bound for each would be none for all. */
type Bodies = {
  memory: BodyMemory;
  /** On their way from nobody knows whom, in the order they came; called, its room is given back. */
  unknown: Map<IncomingMessage, () => void>;
};
const BODIES = new WeakMap<FastifyInstance, Bodies>();
function bodiesOf(server: FastifyInstance, { limits }: CompatParts): Bodies {
  const bodies = BODIES.get(server) ?? { memory: bodyMemory(limits), unknown: new Map() };
  BODIES.set(server, bodies);
  return bodies;
}

/**
 * Room for a body whose sender is only in it. Where there is none, the one that has been coming in the longest has to go:
 * whoever begins many and ends none would otherwise keep everybody out who has a key.
 */
function takeForUnknown({ memory, unknown }: Bodies, request: IncomingMessage, octets: number): (() => void) | null {
  let release = memory.take(octets);
  while (!release) {
    const [oldest] = unknown;
    if (!oldest) return null;
    const [other, giveBack] = oldest;
    giveBack();
    other.destroy();
    release = memory.take(octets);
  }
  const giveBack = (): void => {
    unknown.delete(request);
    release();
  };
  unknown.set(request, giveBack);
  return giveBack;
}

const BUSY = { publicMessage: "Too much is being accepted at this moment. Send again in a second.", retryAfterS: 1 };

/**
 * A part of the HTTP door that speaks another's dialect: intake is asked first, bodies in memory are bounded, every
 * fault is answered in the dialect's own shape. Bodies reach the handlers as text: dialects differ in what they call it.
 */
export function compatScope(
  server: FastifyInstance,
  parts: CompatParts,
  dialect: Dialect,
  routes: (scope: FastifyInstance) => void,
): void {
  const bodies = bodiesOf(server, parts);
  const greatest = jsonBytes(parts.limits);
  void server.register(
    async (scope) => {
      scope.addHook("onRequest", (request, reply, done) => {
        reply.header("cache-control", "no-store");
        tidy(request.query as Parameters);
        tidy(request.params as Parameters);
        const who = dialect.authenticate?.(request, reply);
        if (who === null) return;
        if (request.method === "GET") return done();
        const closed = parts.port.intakeRefusal();
        if (closed) return dialect.closed(reply, closed);
        const length = Number(request.headers["content-length"] ?? greatest);
        if (length > greatest) return dialect.closed(reply, BUSY);
        const octets = length * BODY_COPIES;
        const release = who ? bodies.memory.take(octets, who.tenant) : takeForUnknown(bodies, request.raw, octets);
        if (!release) return dialect.closed(reply, BUSY);
        reply.raw.once("close", release);
        done();
      });
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser(
        "*",
        { parseAs: dialect.octets ? "buffer" : "string", bodyLimit: greatest },
        (request, body, done) => {
          bodies.unknown.delete(request.raw);
          done(null, body);
        },
      );
      scope.setErrorHandler((error, _request, reply) => {
        parts.log.error("compat.request-failed", { dialect: dialect.name, cause: causeText(error) });
        dialect.failed(reply);
      });
      routes(scope);
    },
    { prefix: dialect.prefix },
  );
}

type Parameters = Record<string, string | string[]>;
/** Handlers read texts: of a parameter that comes twice the first counts, and none holds what the database could not (NUL). */
function tidy(given: Parameters): void {
  for (const [name, value] of Object.entries(given)) {
    given[name] = (Array.isArray(value) ? (value[0] ?? "") : value).replaceAll("\0", "");
  }
}

/** Parsed JSON, or undefined where it is none. */
export function jsonOf(body: unknown): unknown {
  try {
    return JSON.parse(String(body ?? ""));
  } catch {
    return undefined;
  }
}
