import type { AcceptPort, Submitter } from "../submission.ts";
import { type ProblemDocument, problem } from "./problem.ts";

/** RFC 9110 §11.6.1: what may be tried. RFC 7617 §2.1: names and passwords are UTF-8. */
export const CHALLENGES = ['Bearer realm="postern"', 'Basic realm="postern", charset="UTF-8"'];

export const unauthenticated = (): ProblemDocument =>
  problem(
    401,
    "unauthenticated",
    "The credential is missing or wrong. Send `Authorization: Bearer <apiKey>`, or Basic with the username and password.",
  );

/** The submitter an Authorization field proves, or null. The port compares in constant time. */
export function submitterOf(authorization: string | undefined, port: AcceptPort): Submitter | null {
  const match = authorization === undefined ? null : /^([A-Za-z]+) +([\x21-\x7e]+)$/.exec(authorization);
  if (!match) return null;
  const credential = match[2]!;
  switch (match[1]!.toLowerCase()) {
    case "bearer":
      return port.authenticateApiKey(credential);
    case "basic": {
      const text = Buffer.from(credential, "base64").toString("utf8");
      const colon = text.indexOf(":");
      return colon === -1 ? null : port.authenticatePassword(text.slice(0, colon), text.slice(colon + 1));
    }
    default:
      return null;
  }
}
