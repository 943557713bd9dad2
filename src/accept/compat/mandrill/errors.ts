import type { ProblemDocument } from "../../http/problem.ts";

/**
 * An error as Mailchimp Transactional answers it: HTTP 500 and `{ status: "error", code, name, message }`
 * (mailchimp.com/developer/transactional/docs/fundamentals, "Errors"; seen 2026-11-25).
 */
export type MandrillError = { status: "error"; code: number; name: string; message: string };
export const ERROR_STATUS = 500;

export const mandrillError = (name: string, code: number, message: string): MandrillError => ({
  status: "error",
  code,
  name,
  message,
});

export const invalidKey = (): MandrillError => mandrillError("Invalid_Key", -1, "Invalid API key");
export const validationError = (message: string): MandrillError => mandrillError("ValidationError", -2, message);
export const notSupported = (what: string): MandrillError =>
  mandrillError("GeneralError", -99, `${what} is not supported by this server (Postern).`);

/** Refusals that pass are ServiceUnavailable, which clients try again; all others are about the request. */
export function errorOfProblem({ status, detail }: ProblemDocument): MandrillError {
  return status >= 500 ? mandrillError("ServiceUnavailable", -50, detail) : validationError(detail);
}
