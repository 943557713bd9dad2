import type { IncomingHttpHeaders } from "node:http";
import type { Limits } from "../../../config/index.ts";
import type { Random } from "../../../kernel/index.ts";
import { IN_WORDS } from "../in-words.ts";
import { type ProblemDocument, invalid } from "../problem.ts";
import { shapeFaults } from "./faults.ts";
import { messageSchema, rawMessageSchema } from "./message-schema.ts";
import { type Content, readMessage } from "./read-message.ts";
import { readRawMessage, readRfc822 } from "./read-raw.ts";

export type ReadParts = { limits: Limits; random: Random };

/** The body of `POST /v1/messages`: octets for message/rfc822, else parsed JSON in one of its two forms. */
export const readRequest = (body: unknown, headers: IncomingHttpHeaders, parts: ReadParts): Content | ProblemDocument =>
  Buffer.isBuffer(body) ? readRfc822(body, headers, parts.limits) : readJson(body, parts);

/** One message in JSON; `raw` decides which form it is. */
export function readJson(body: unknown, { limits, random }: ReadParts): Content | ProblemDocument {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    return invalid([{ pointer: "", detail: "must be a JSON object: a message in fields, or { raw, envelope }." }]);
  }
  if ("raw" in body) {
    const read = rawMessageSchema.safeParse(body, IN_WORDS);
    return read.success ? readRawMessage(read.data, limits) : invalid(shapeFaults(read.error));
  }
  const read = messageSchema.safeParse(body, IN_WORDS);
  return read.success ? readMessage(read.data, random) : invalid(shapeFaults(read.error));
}
