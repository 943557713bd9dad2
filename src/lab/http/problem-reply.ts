import type { FastifyReply, FastifyRequest } from "fastify";

/** A refusal as RFC 9457 problem details. Codes are listed in docs/failures.md. */
export type LabRefusal = { status: number; code: string; detail: string };

const TITLES: Record<number, string> = {
  400: "Bad request",
  403: "Forbidden",
  404: "Not found",
  409: "Conflict",
  413: "Content too large",
  415: "Unsupported media type",
  503: "Unavailable",
};

export const sendRefusal = (reply: FastifyReply, { status, code, detail }: LabRefusal): FastifyReply =>
  reply
    .code(status)
    .type("application/problem+json")
    .send(JSON.stringify({ type: "about:blank", title: TITLES[status] ?? "Error", status, code, detail }));

export const MESSAGE_GONE: LabRefusal = {
  status: 404,
  code: "lab-message-gone",
  detail: "The inbox does not hold this message: it was cleared, dropped for newer ones, or never was.",
};

export const providerUnknown = (names: Iterable<string>): LabRefusal => ({
  status: 404,
  code: "lab-provider-unknown",
  detail: `The lab has no provider of this name. It has: ${[...names].join(", ")}.`,
});

/** A page of another origin can send forms, but not this type: the browser would ask first. */
export const isJson = ({ headers }: FastifyRequest): boolean =>
  /^application\/json\b/i.test(headers["content-type"] ?? "");
export const JSON_EXPECTED: LabRefusal = {
  status: 415,
  code: "lab-json-expected",
  detail: 'Send JSON, with Content-Type: application/json, such as {"mode":"suspended"}.',
};
