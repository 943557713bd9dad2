import type { FastifyRequest } from "fastify";
import { type Form, readForm } from "../../../mail/index.ts";
import { jsonOf } from "../scope.ts";
import { type Fault, fault } from "./dialect.ts";

const NO_FORM = fault(400, "The body is no form: send multipart/form-data.");

const octetsOf = (request: FastifyRequest): Buffer => (Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));

/** The fields of a request; one without a body has none. */
export async function formOf(request: FastifyRequest): Promise<Form | Fault> {
  const octets = octetsOf(request);
  if (octets.length === 0) return { text: new Map(), files: [] };
  return (await readForm(octets, request.headers["content-type"] ?? "")) ?? NO_FORM;
}

/** A body of JSON; undefined where it is none. */
export const sentJson = (request: FastifyRequest): unknown =>
  /^application\/json\b/i.test(request.headers["content-type"] ?? "") ? jsonOf(octetsOf(request)) : undefined;
