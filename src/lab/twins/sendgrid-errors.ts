import type { TwinReply } from "./dialect.ts";

/** `{ errors: [{ message, field, help }] }`: the shape of every refusal (OpenAPI of the v3 Mail Send API, seen 2026-11-25). */
export const refusal = (status: number, message: string, field: string | null = null): TwinReply => ({
  status,
  body: { errors: [{ message, field, help: null }] },
});

export const AUTHORIZATION_REQUIRED = refusal(401, "authorization required");
export const GRANT_INVALID = refusal(401, "The provided authorization grant is invalid, expired, or revoked");
export const FORBIDDEN = refusal(403, "access forbidden");
export const NOT_FOUND = refusal(404, "not found");
export const SENDER_UNVERIFIED = refusal(
  403,
  "The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved. Visit https://sendgrid.com/docs/for-developers/sending-email/sender-identity/ to see the Sender Identity requirements",
  "from",
);
