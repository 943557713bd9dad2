import type { MessageJson } from "../http/submit/message-schema.ts";

const FIELD = "x-postern-supersedes";

/**
 * No other API has a word for "in place of that one": a field of the header says it, as over SMTP and in MIME text. It goes
 * no further.
 */
export function withSupersedes(json: MessageJson): MessageJson {
  const fields = Object.entries(json.headers ?? {});
  const named = fields.find(([name]) => name.toLowerCase() === FIELD);
  if (!named) return json;
  return { ...json, headers: Object.fromEntries(fields.filter((one) => one !== named)), supersedes: named[1].trim() };
}
