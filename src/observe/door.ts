import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { NOTICES_PATH } from "./accounts.ts";
import type { Answer, Observer } from "./observer.ts";

/** SendGrid sends up to 768 KB, SNS up to 256 KiB in JSON, all others less. */
const NOTICE_OCTETS = 1024 * 1024;
/** Bodies in memory, of all notices on their way. Anybody may send one, so it is not much. */
const IN_FLIGHT_OCTETS = 32 * NOTICE_OCTETS;
const RETRY_AFTER_S = 5;

const ANSWERS: Record<Answer, { status: number; body: unknown }> = {
  taken: { status: 200, body: {} },
  // The same for a provider that does not exist: who asks learns nothing of which there are.
  refused: {
    status: 401,
    body: {
      type: "/v1/problems/notice-refused",
      title: "Unauthorized",
      status: 401,
      code: "notice-refused",
      detail:
        "The notice is not proven to come from a provider that is configured here. Check webhook.* of the provider.",
    },
  },
  later: {
    status: 503,
    body: {
      type: "/v1/problems/notice-later",
      title: "Service Unavailable",
      status: 503,
      code: "notice-later",
      detail: "Nothing was recorded. Send the notice again.",
    },
  },
};

/**
 * `POST /v1/notices/NAME`: what providers tell of mail they were given. Bodies are kept as the octets they came in, since
 * those are what is signed. 200 follows the commit and nothing else does.
 */
export function registerNotices(server: FastifyInstance, observer: Observer): void {
  const bodies = new Bodies(IN_FLIGHT_OCTETS);
  void server.register(
    async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: NOTICE_OCTETS }, (request, body, done) => {
        bodies.isWhole(request.raw);
        done(null, body);
      });
      // Some vendors look whether the address exists before they keep it.
      scope.get("/:provider", (_request, reply) =>
        reply.code(200).type("text/plain").send("Notices are POSTed here.\n"),
      );
      scope.post<{ Params: { provider: string } }>("/:provider", {
        bodyLimit: NOTICE_OCTETS,
        onRequest: (request, reply, done) => {
          const length = Math.min(Number(request.headers["content-length"] ?? NOTICE_OCTETS), NOTICE_OCTETS);
          if (!bodies.take(request.raw, length)) return void say(reply, "later");
          reply.raw.once("close", () => bodies.give(request.raw));
          done();
        },
        handler: async (request, reply) =>
          say(
            reply,
            await observer.take(request.params.provider, {
              method: request.method,
              url: `${request.protocol}://${request.host}${request.url}`,
              headers: headersOf(request),
              body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
            }),
          ),
      });
    },
    { prefix: NOTICES_PATH },
  );
}

/**
 * Octets of bodies in memory, as they were announced. Where one more does not fit, the one that has been coming in the
 * longest has to go: a notice arrives within milliseconds, and whoever begins many and ends none would otherwise keep all
 * providers out.
 */
class Bodies {
  readonly #most: number;
  readonly #octets = new Map<IncomingMessage, number>();
  /** Not yet here as a whole, in the order they came. */
  readonly #coming = new Set<IncomingMessage>();
  #held = 0;

  constructor(most: number) {
    this.#most = most;
  }

  take(request: IncomingMessage, octets: number): boolean {
    while (this.#held + octets > this.#most) {
      const [oldest] = this.#coming;
      if (!oldest) return false;
      this.give(oldest);
      oldest.destroy();
    }
    this.#held += octets;
    this.#octets.set(request, octets);
    this.#coming.add(request);
    return true;
  }

  isWhole(request: IncomingMessage): void {
    this.#coming.delete(request);
  }

  give(request: IncomingMessage): void {
    this.#held -= this.#octets.get(request) ?? 0;
    this.#octets.delete(request);
    this.#coming.delete(request);
  }
}

function say(reply: FastifyReply, answer: Answer): FastifyReply {
  const { status, body } = ANSWERS[answer];
  if (answer === "later") reply.header("retry-after", String(RETRY_AFTER_S));
  return reply
    .code(status)
    .type(status === 200 ? "application/json" : "application/problem+json")
    .send(JSON.stringify(body));
}

/** Of a field that comes twice the values are joined, as a proxy before us would (RFC 9110 §5.3). */
const headersOf = ({ headers }: FastifyRequest): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
  );
