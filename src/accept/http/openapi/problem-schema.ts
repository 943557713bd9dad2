import { z } from "zod";

/** RFC 9457 §3.1, with the members Postern adds. */
export const problemSchema = z
  .strictObject({
    type: z.string().describe("A reference to the explanation of `code` on this server."),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe("What is wrong, and what to do."),
    code: z.string().describe("Stable; decide by this one."),
    errors: z
      .array(
        z.strictObject({
          pointer: z.string().optional().describe("JSON pointer into the body (RFC 6901)."),
          parameter: z.string().optional(),
          header: z.string().optional(),
          detail: z.string(),
        }),
      )
      .optional(),
    retryAfterS: z.int().optional().describe("Seconds; also in Retry-After."),
    reference: z.string().optional().describe("Names the log line with the cause (500 only)."),
  })
  .describe("What went wrong (RFC 9457).");
