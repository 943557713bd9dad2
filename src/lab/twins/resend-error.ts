import type { TwinReply } from "./dialect.ts";

/** The one shape of Resend's errors. */
export const resendError = (statusCode: number, name: string, message: string): TwinReply => ({
  status: statusCode,
  body: { statusCode, name, message },
});
