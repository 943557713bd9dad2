import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { type Log, Problem, type Random, causeText } from "../../kernel/index.ts";
import { send } from "./reply.ts";
import { isDatabaseAway, isTooSlow } from "../../store/index.ts";
import { INTAKE } from "../refusals.ts";
import { type Answer, type ProblemDocument, problem, problemAnswer, refusalProblem } from "./problem.ts";

/** A problem found where only throwing gets out: parsing a body. */
export class HttpProblem extends Error {
  readonly document: ProblemDocument;
  constructor(document: ProblemDocument) {
    super(document.detail);
    this.document = document;
  }
}

export const requestTooLarge = problem(
  413,
  "request-too-large",
  "The request is larger than this address takes; a message may have limits.messageBytes. Shorten it, or link to what is large.",
);

/** The framework's own refusals by code, never by text. */
const KNOWN: Record<string, ProblemDocument> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: problem(
    415,
    "media-type-unsupported",
    "Bodies of this type are not taken. Send application/json or, to /v1/messages, message/rfc822.",
  ),
  FST_ERR_CTP_BODY_TOO_LARGE: requestTooLarge,
};

const malformedRequest = (status: number): ProblemDocument =>
  problem(
    status,
    "request-malformed",
    "The request is not proper HTTP for this server: check its address, headers and length.",
  );

const ASK_AGAIN_S = 5;

/** The answer to anything thrown. What we did not foresee is 500: the cause goes to the log, its reference to the client. */
export function errorAnswer(
  error: unknown,
  request: FastifyRequest,
  { log, random }: { log: Log; random: Random },
): Answer {
  if (error instanceof HttpProblem) return problemAnswer(error.document);
  if (error instanceof Problem && isTooSlow(error)) {
    return problemAnswer(problem(503, error.code, error.publicMessage, { retryAfterS: ASK_AGAIN_S }));
  }
  if (isDatabaseAway(error)) return problemAnswer(refusalProblem(INTAKE.databaseAway));
  const { code, statusCode } = error as Partial<FastifyError>;
  const known = code === undefined ? undefined : KNOWN[code];
  if (known) return problemAnswer(known);
  if (code?.startsWith("FST_ERR_") && statusCode !== undefined && statusCode < 500) {
    return problemAnswer(malformedRequest(statusCode));
  }
  const reference = random.bytes(8).toString("hex");
  // The route as registered: the address itself may name a recipient.
  log.error("http.request-failed", { reference, route: request.routeOptions.url, cause: causeText(error) });
  return problemAnswer(
    problem(
      500,
      "internal-error",
      `Something went wrong here that should not have. Send again with the same Idempotency-Key; if it stays so, give the operator the reference ${reference}.`,
      { reference },
    ),
  );
}

/** An address that does not decode: there is no route, hence no error handler of one. */
export function answerFrameworkError(_error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  void send(reply, problemAnswer(malformedRequest(400)));
}

/** What is no HTTP, too long in its headers, or too slow (Node tells which); answered by hand and closed. */
export function clientErrorHandler(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  const document =
    error.code === "ERR_HTTP_REQUEST_TIMEOUT"
      ? problem(
          408,
          "request-timeout",
          "The request did not come whole in time. Send it again over a faster connection.",
        )
      : error.code === "HPE_HEADER_OVERFLOW"
        ? problem(
            431,
            "request-headers-too-large",
            "The header section of the request is too large. Drop headers, or send the envelope in JSON.",
          )
        : malformedRequest(400);
  const body = JSON.stringify(document);
  socket.end(
    `HTTP/1.1 ${document.status} ${STATUS_CODES[document.status]}\r\nContent-Type: application/problem+json\r\n` +
      `X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
