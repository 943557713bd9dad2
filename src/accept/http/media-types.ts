import { isUtf8 } from "node:buffer";
import type { FastifyInstance } from "fastify";
import type { Limits } from "../../config/index.ts";
import { jsonBytes } from "./bounds.ts";
import { HttpProblem } from "./errors.ts";
import { problem } from "./problem.ts";

/** What bodies may be: JSON (RFC 8259: UTF-8) and message/rfc822. Anything else is 415 by the server itself. */
export function acceptMediaTypes(v1: FastifyInstance, limits: Limits): void {
  const parseJson = v1.getDefaultJsonParser("error", "error");
  v1.removeAllContentTypeParsers();
  const json = { parseAs: "buffer", bodyLimit: jsonBytes(limits) } as const;
  v1.addContentTypeParser("application/json", json, (request, body: Buffer, done) => {
    if (body.length === 0) return done(null, undefined); // a POST without a body, with the type its client always sends
    if (!isUtf8(body)) return done(new HttpProblem(malformed("it is not UTF-8")), undefined);
    return parseJson(request, body.toString("utf8"), (error, value) =>
      done(
        error ? new HttpProblem(malformed("it does not parse, or holds __proto__ or constructor members")) : null,
        value,
      ),
    );
  });
  v1.addContentTypeParser(
    "message/rfc822",
    { parseAs: "buffer", bodyLimit: limits.messageBytes },
    (_request, body, done) => done(null, body),
  );
}

const malformed = (why: string) => problem(400, "json-malformed", `The body is no JSON: ${why}. Send one JSON object.`);
