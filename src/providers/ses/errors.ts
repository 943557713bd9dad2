import { recordOf, textOf } from "../json-reading.ts";

/** What AWS says went wrong. `type` is the bare name of the error, "" where it gives none. */
export type SesError = { type: string; message: string };

/**
 * Reads an error of the AWS restJson1 protocol (Smithy, "Operation error serialization", seen 2026-11-25): the name is in
 * the header `x-amzn-errortype`, or in `__type` or `code` of the body, with a namespace before a `#` and an address behind
 * a `:` that are both to be left out.
 */
export function errorOf(headers: Readonly<Record<string, string>>, json: unknown): SesError {
  const body = recordOf(json);
  const name = textOf(headers["x-amzn-errortype"]) ?? textOf(body["__type"]) ?? textOf(body["code"]) ?? "";
  const bare = name.slice(name.lastIndexOf("#", colonIn(name)) + 1, colonIn(name)).trim();
  return {
    type: /^[A-Za-z][A-Za-z0-9_.]{0,99}$/.test(bare) ? bare : "",
    // The gateway in front of the service writes Message, the service itself message.
    message: textOf(body["message"]) ?? textOf(body["Message"]) ?? "",
  };
}

/** `com.amazonaws.sesv2#MessageRejected:http://internal…`: the colon of the address, not one before the `#`. */
function colonIn(name: string): number {
  const at = name.indexOf(":", Math.max(0, name.indexOf("#")));
  return at === -1 ? name.length : at;
}
