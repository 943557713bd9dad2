import { z } from "zod";

/**
 * What clients of Mailchimp Transactional send (mandrillapp.com/api/docs, seen 2026-11-25). Members nobody here acts on
 * (tracking, domains and pools of the provider) are taken and left: they are wishes to the provider. Those that would
 * change the message and cannot be done are refused by name in content.ts.
 */
const recipient = z.looseObject({
  email: z.string(),
  name: z.string().nullish(),
  type: z.enum(["to", "cc", "bcc"]).nullish(),
});
const file = z.looseObject({ type: z.string(), name: z.string(), content: z.string() });
export const varsShape = z.array(z.looseObject({ name: z.string().min(1), content: z.unknown() })).max(1_000);
export type Vars = z.infer<typeof varsShape>;

export const messageShape = z.looseObject({
  html: z.string().nullish(),
  text: z.string().nullish(),
  subject: z.string().nullish(),
  from_email: z.string().nullish(),
  from_name: z.string().nullish(),
  to: z.array(recipient).min(1).max(1_000),
  headers: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string()).max(50)]).nullable())
    .nullish(),
  preserve_recipients: z.boolean().nullish(),
  bcc_address: z.string().nullish(),
  merge: z.boolean().nullish(),
  merge_language: z.enum(["mailchimp", "handlebars"]).nullish(),
  merge_vars: z
    .array(z.looseObject({ rcpt: z.string(), vars: varsShape }))
    .max(1_000)
    .nullish(),
  global_merge_vars: varsShape.nullish(),
  inline_css: z.boolean().nullish(),
  auto_text: z.boolean().nullish(),
  auto_html: z.boolean().nullish(),
  tags: z.array(z.string()).nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  recipient_metadata: z
    .array(z.looseObject({ rcpt: z.string(), values: z.record(z.string(), z.unknown()) }))
    .max(1_000)
    .nullish(),
  attachments: z.array(file).nullish(),
  images: z.array(file).nullish(),
  important: z.boolean().nullish(),
});
export type MandrillMessage = z.infer<typeof messageShape>;

const sendMembers = { message: messageShape, send_at: z.string().nullish() };
export const sendShape = z.looseObject(sendMembers);
export const contentShape = z
  .array(z.looseObject({ name: z.string(), content: z.string().nullish() }))
  .max(100)
  .nullish();
export const sendTemplateShape = z.looseObject({
  ...sendMembers,
  template_name: z.string(),
  template_content: contentShape,
});
export const sendRawShape = z.looseObject({
  raw_message: z.string(),
  from_email: z.string().nullish(),
  from_name: z.string().nullish(),
  to: z.array(z.string()).max(1_000).nullish(),
  send_at: z.string().nullish(),
});
export const rawShape = z.looseObject({ raw_message: z.string() });
export const idShape = z.looseObject({ id: z.string() });
export const rescheduleShape = z.looseObject({ id: z.string(), send_at: z.string() });
export const toShape = z.looseObject({ to: z.string().nullish() });
const strings = z.array(z.string()).max(20).nullish();
export const searchShape = z.looseObject({
  query: z.string().max(2_000).nullish(),
  date_from: z.string().nullish(),
  date_to: z.string().nullish(),
  tags: strings,
  senders: strings,
  api_keys: strings,
  limit: z.number().int().min(1).max(1_000).nullish(),
});
export const emailShape = z.looseObject({ email: z.string(), comment: z.string().nullish() });
export const listShape = z.looseObject({ email: z.string().nullish() });
export const nothingShape = z.looseObject({});
