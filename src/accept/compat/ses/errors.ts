import type { Refusal } from "../../submission.ts";

/**
 * An error of AWS's restJson1 protocol: its name goes into a header, its words into the body. A class, because it is told
 * from what clients send, which may hold members of any name.
 */
export class SesError {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly retryAfterS: number | undefined;
  constructor(status: number, type: string, message: string, retryAfterS?: number) {
    this.status = status;
    this.type = type;
    this.message = message;
    this.retryAfterS = retryAfterS;
  }
}
export const sesError = (status: number, type: string, message: string, retryAfterS?: number): SesError =>
  new SesError(status, type, message, retryAfterS);
export const isSesError = (value: unknown): value is SesError => value instanceof SesError;

export const badRequest = (message: string): SesError => sesError(400, "BadRequestException", message);
export const notFound = (message: string): SesError => sesError(404, "NotFoundException", message);
export const notSupported = (what: string): SesError =>
  badRequest(`${what} is not supported by this server (Postern).`);

/**
 * A refusal in SES's words (API reference v2, "SendEmail" and "Common Errors"; developer guide, "Amazon SES email sending
 * errors"; seen 2026-11-25). Its names are few: what is wrong with a message is MessageRejected or BadRequestException.
 */
export function errorOfRefusal({ code, http, publicMessage, retryAfterS }: Refusal): SesError {
  switch (code) {
    case "author-not-allowed":
    case "return-path-not-allowed":
      return sesError(400, "MessageRejected", `Email address is not verified. ${publicMessage}`);
    case "stream-unknown":
      return notFound(`Configuration set does not exist. ${publicMessage}`);
    // Clients slow down on these two, and send again by themselves.
    case "intake-busy":
    case "queue-full":
      return sesError(429, "TooManyRequestsException", publicMessage, retryAfterS);
    case "internal-error":
      return sesError(500, "InternalServiceErrorException", publicMessage, retryAfterS);
    case "message-too-large":
    case "recipients-missing":
    case "recipients-too-many":
    case "idempotency-key-reused":
      return badRequest(publicMessage);
    default:
      return http.status >= 500
        ? sesError(503, "ServiceUnavailable", publicMessage, retryAfterS)
        : sesError(400, "MessageRejected", publicMessage);
  }
}
