import type { FastifyReply } from "fastify";
import type { Answer } from "./problem.ts";

/** The one place that writes answers: JSON, with the type a problem has of its own. */
export function send(reply: FastifyReply, { status, body, headers }: Answer): FastifyReply {
  reply.code(status).header("content-type", "application/json; charset=utf-8");
  if (headers) reply.headers(headers);
  return reply.send(JSON.stringify(body));
}
