import type { FastifyReply, FastifyRequest, onRequestHookHandler } from "fastify";
import type { Limits } from "../../config/index.ts";
import type { HttpDoorParts } from "../doors.ts";
import { INTAKE } from "../refusals.ts";
import type { Submitter } from "../submission.ts";
import { CHALLENGES, submitterOf, unauthenticated } from "./authenticate.ts";
import { jsonBytes } from "./bounds.ts";
import { requestTooLarge } from "./errors.ts";
import { BodyMemory } from "./memory.ts";
import type { Operation } from "./operations/index.ts";
import { type ProblemDocument, problem, problemAnswer, refusalProblem } from "./problem.ts";
import { send } from "./reply.ts";

/** The octets, their text and what is made of it are there at the same time. */
export const BODY_COPIES = 3;

/** What bodies may take together; room for one of the greatest is kept from any single tenant. */
export const bodyMemory = (limits: Limits): BodyMemory =>
  new BodyMemory(limits.acceptInFlightBytes, jsonBytes(limits) * BODY_COPIES);

/** What is asked of a request before its body is read: who it is from, and whether there is room for what it brings. */
export function guardsOf({ port, limits, metrics }: HttpDoorParts, memory: BodyMemory) {
  const submitters = new WeakMap<FastifyRequest, Submitter>();
  const greatest = jsonBytes(limits);

  // The rest of the body is read and dropped (at most for the request's time), so that the client gets to see the answer
  // instead of a broken connection, which it would take for an outage.
  function refuse(reply: FastifyReply, document: ProblemDocument, headers = {}): void {
    metrics.refused("http", document.code);
    void send(reply, problemAnswer(document, headers));
  }

  const authenticate: onRequestHookHandler = (request, reply, done) => {
    // A browser may know a password of ours; a page of someone else must not make use of it (CSRF).
    const from = request.headers["sec-fetch-site"];
    if (from === "cross-site" || from === "same-site") {
      return refuse(
        reply,
        problem(
          403,
          "cross-site-request",
          "The request comes from a page of another site. Ask from your server instead.",
        ),
      );
    }
    const submitter = submitterOf(request.headers.authorization, port);
    if (submitter === null) return refuse(reply, unauthenticated(), { "www-authenticate": CHALLENGES });
    submitters.set(request, submitter);
    done();
  };

  const takeMail: onRequestHookHandler = (request, reply, done) => {
    const { "content-encoding": encoding, "content-length": length } = request.headers;
    if (encoding !== undefined && encoding !== "identity") {
      return refuse(
        reply,
        problem(415, "media-type-unsupported", "Bodies are taken as they are; send this one without Content-Encoding."),
      );
    }
    const closed = port.intakeRefusal();
    if (closed !== null) return refuse(reply, refusalProblem(closed));
    // A body whose length is not told may be as large as any.
    const announced = length === undefined ? greatest : Number(length);
    if (announced > greatest) return refuse(reply, requestTooLarge);
    const release = memory.take(announced * BODY_COPIES, submitters.get(request)?.tenant);
    if (release === null) return refuse(reply, refusalProblem(INTAKE.busy));
    reply.raw.once("close", release); // also where the client went away
    done();
  };

  return {
    of: (operation: Operation): onRequestHookHandler[] =>
      operation.open ? [] : operation.takesMail ? [authenticate, takeMail] : [authenticate],
    submitterOf: (request: FastifyRequest): Submitter => {
      const submitter = submitters.get(request);
      if (!submitter) throw new Error("a request came past its guard");
      return submitter;
    },
  };
}
