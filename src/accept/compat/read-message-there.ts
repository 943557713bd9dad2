import type { Random } from "../../kernel/index.ts";
import type { ProblemDocument } from "../http/problem.ts";
import type { MessageJson } from "../http/submit/message-schema.ts";
import { type Content, readMessage } from "../http/submit/read-message.ts";

const FIELD = "x-postern-supersedes";

/**
 * A message of any API but our own, in our fields. No other API has a word for "in place of that one": a field of the header
 * says it, as over SMTP and in MIME text. It goes no further.
 */
export function readMessageThere(json: MessageJson, random: Random): Content | ProblemDocument {
  const fields = Object.entries(json.headers ?? {});
  const named = fields.find(([name]) => name.toLowerCase() === FIELD);
  if (!named) return readMessage(json, random);
  const headers = Object.fromEntries(fields.filter((one) => one !== named));
  return readMessage({ ...json, headers, supersedes: named[1].trim() }, random);
}
