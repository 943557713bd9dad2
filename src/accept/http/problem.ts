import type { Refusal } from "../submission.ts";

/** Where in a request something is wrong: a JSON pointer (RFC 6901) into the body, or the name of a parameter or header. */
export type Fault = { pointer?: string; parameter?: string; header?: string; detail: string };

/** RFC 9457 problem details. `code` never changes its meaning; `type` is where it is explained. */
export type ProblemDocument = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  errors?: Fault[];
  /** Seconds after which the same request may do better; also in Retry-After. */
  retryAfterS?: number;
  /** Names the line of the log that has the cause (500 only). */
  reference?: string;
};

export type Answer = { status: number; body: unknown; headers?: Record<string, string | string[]> };

type More = { errors?: Fault[]; retryAfterS?: number; reference?: string };

export function problem(status: number, code: string, detail: string, more: More = {}): ProblemDocument {
  return { type: `/v1/problems/${code}`, title: titleOf(code), status, detail, code, ...more };
}

/** `queue-full` reads "Queue full": the code is the title (RFC 9457 §3.1.3: the same for each occurrence). */
const titleOf = (code: string): string => code.charAt(0).toUpperCase() + code.slice(1).replaceAll("-", " ");

export const refusalProblem = (refusal: Refusal): ProblemDocument =>
  problem(
    refusal.http.status,
    refusal.code,
    refusal.publicMessage,
    refusal.retryAfterS === undefined ? {} : { retryAfterS: refusal.retryAfterS },
  );

export function problemAnswer(document: ProblemDocument, headers: Record<string, string | string[]> = {}): Answer {
  const retry = document.retryAfterS === undefined ? {} : { "retry-after": String(document.retryAfterS) };
  return {
    status: document.status,
    body: document,
    headers: { "content-type": "application/problem+json", ...retry, ...headers },
  };
}

/** A request of the right form whose values cannot be taken; each fault names its place. */
export const invalid = (errors: Fault[]): ProblemDocument =>
  problem(422, "request-invalid", `The request cannot be taken as it is: ${summaryOf(errors)}`, { errors });

const summaryOf = (errors: readonly Fault[]): string => {
  const first = errors[0]!;
  const place = first.pointer ?? first.parameter ?? first.header ?? "";
  const rest = errors.length > 1 ? ` (and ${errors.length - 1} more in errors)` : "";
  return `${place === "" ? "" : `${place}: `}${first.detail}${rest}`;
};
