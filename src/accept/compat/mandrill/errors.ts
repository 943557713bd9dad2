import type { ProblemDocument } from "../../http/problem.ts";

/**
 * An error as Mailchimp Transactional answers it: `{ status: "error", code, name, message }`
 * (mandrillapp.com/api/docs and the specification of Mailchimp Transactional, OpenAPI document 1.1.0; seen 2026-11-25).
 */
export type MandrillError = { status: "error"; code: number; name: string; message: string };

/** Where no document shows a code, that of a general error. */
const CODES: Readonly<Record<string, number>> = {
  Invalid_Key: -1,
  ValidationError: -2,
  ServiceUnavailable: -50,
  Unknown_Template: 5,
  Invalid_Template: 6,
  Unknown_Message: 11,
};

export const mandrillError = (name: string, message: string): MandrillError => ({
  status: "error",
  code: CODES[name] ?? -99,
  name,
  message,
});

/** Version 1.0 of the API says 500 to everything, later ones tell errors apart. */
export function statusOf({ name }: MandrillError, version: string): number {
  if (version === "1.0") return 500;
  if (name.startsWith("Unknown_")) return 404;
  return name === "Invalid_Key" ? 401 : name === "ValidationError" ? 422 : 500;
}

export const isError = (value: unknown): value is MandrillError =>
  typeof value === "object" &&
  value !== null &&
  (value as Partial<MandrillError>).status === "error" &&
  typeof (value as Partial<MandrillError>).code === "number";

export const invalidKey = (): MandrillError => mandrillError("Invalid_Key", "Invalid API key");
export const validationError = (message: string): MandrillError => mandrillError("ValidationError", message);
export const notSupported = (what: string): MandrillError =>
  mandrillError("GeneralError", `${what} is not supported by this server (Postern).`);
export const unavailable = (message: string): MandrillError => mandrillError("ServiceUnavailable", message);

/** What a client gave, in a sentence of ours: no controls, not long. */
export const shown = (given: string): string => given.replace(/[^\x20-\x7e]/g, "?").slice(0, 80);

export const unknownMessage = (id: string): MandrillError =>
  mandrillError("Unknown_Message", `No message exists with the id '${shown(id)}'`);
export const unknownTemplate = (name: string): MandrillError =>
  mandrillError("Unknown_Template", `No such template "${shown(name)}"`);

/** With the place of the first fault: the sentence of the whole says only that there are some. */
export function errorOfProblem({ detail, errors }: ProblemDocument): MandrillError {
  const first = errors?.[0];
  if (!first) return validationError(detail);
  const place = first.pointer ? `message.${first.pointer.slice(1).replaceAll("/", ".")}` : "message";
  return validationError(`Validation error: ${JSON.stringify({ [place]: first.detail })}`);
}
