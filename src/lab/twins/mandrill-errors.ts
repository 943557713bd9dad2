import type { TwinReply } from "./dialect.ts";

/** Codes as documents show them (mandrillapp.com/api/docs, seen 2026-11-25); where none does, -99. */
const CODES: Readonly<Record<string, number>> = {
  Invalid_Key: -1,
  ValidationError: -2,
  PaymentRequired: 10,
  Unknown_Subaccount: 12,
};
const MESSAGES: Readonly<Record<string, string>> = {
  Invalid_Key: "Invalid API key",
  PaymentRequired: "The requested feature requires payment.",
  PoorReputation: "The user's reputation is too low to continue.",
  Unknown_Subaccount: "No subaccount exists with the id 'customer-123'",
  ValidationError: 'You must specify a value for "raw_message"',
  ServiceUnavailable: "The subsystem providing this API call is down for maintenance.",
  GeneralError: "An unexpected error occurred processing the request. Mandrill developers will be notified.",
};
/** Of API 1.1 and later (OpenAPI document 1.1.0); 1.0 says 500 to everything. */
const STATUSES: Readonly<Record<string, number>> = {
  Invalid_Key: 401,
  PaymentRequired: 402,
  ValidationError: 422,
};

export type NamedError = { error: string; message?: string };
export const namedError = (error: string, message?: string): NamedError =>
  message === undefined ? { error } : { error, message };
export const isNamedError = (value: unknown): value is NamedError =>
  typeof value === "object" && value !== null && typeof (value as NamedError).error === "string";

export function errorReply({ error, message }: NamedError, version: string): TwinReply {
  const status = version === "1.0" ? 500 : (STATUSES[error] ?? (error.startsWith("Unknown_") ? 404 : 500));
  const text = message ?? MESSAGES[error] ?? error.replaceAll("_", " ");
  return { status, body: { status: "error", code: CODES[error] ?? -99, name: error, message: text } };
}
