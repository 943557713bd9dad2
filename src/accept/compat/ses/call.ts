import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import type { SesError } from "./errors.ts";

/** A request whose signature holds. */
export type SesCall = {
  who: Submitter;
  /** What stands in the place of `{}` in the operation's path, unescaped. */
  name: string;
  query: URLSearchParams;
  /** The body as JSON; undefined where it is none. */
  json: unknown;
  /** Names this call, so that a client's own repetitions of it send nothing twice; null where it names none. */
  once: { key: string; bodyHash: Buffer } | null;
};

/** One operation of the API. What it gives is the body of a 200. */
export type SesOperation = {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below /v2/email/, with at most one `{}`. */
  path: string;
  handle(call: SesCall, parts: CompatParts): Promise<object | SesError>;
};
