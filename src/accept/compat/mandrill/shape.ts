import { z } from "zod";

/**
 * What clients of Mailchimp Transactional send. Members nobody here acts on (tracking, domains of the provider) are
 * taken and left: they are wishes to the provider. Those that would change the message are refused by name in read.ts.
 */
const recipient = z.looseObject({
  email: z.string(),
  name: z.string().nullish(),
  type: z.enum(["to", "cc", "bcc"]).nullish(),
});
const file = z.looseObject({ type: z.string(), name: z.string(), content: z.string() });

export const messageShape = z.looseObject({
  html: z.string().nullish(),
  text: z.string().nullish(),
  subject: z.string().nullish(),
  from_email: z.string(),
  from_name: z.string().nullish(),
  to: z.array(recipient).min(1).max(1_000),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
  preserve_recipients: z.boolean().nullish(),
  bcc_address: z.string().nullish(),
  merge_vars: z.array(z.unknown()).nullish(),
  global_merge_vars: z.array(z.unknown()).nullish(),
  inline_css: z.boolean().nullish(),
  tags: z.array(z.string()).nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  attachments: z.array(file).nullish(),
  images: z.array(file).nullish(),
  important: z.boolean().nullish(),
});
export type MandrillMessage = z.infer<typeof messageShape>;

export const sendShape = z.looseObject({ message: messageShape, send_at: z.string().nullish() });
export const sendRawShape = z.looseObject({
  raw_message: z.string(),
  from_email: z.string().nullish(),
  to: z.array(z.string()).nullish(),
  send_at: z.string().nullish(),
});
export const idShape = z.looseObject({ id: z.string() });
export const searchShape = z.looseObject({
  query: z.string().nullish(),
  limit: z.number().int().min(1).max(1_000).nullish(),
});
export const emailShape = z.looseObject({ email: z.string(), comment: z.string().nullish() });
export const listShape = z.looseObject({ email: z.string().nullish() });
