import { z } from "zod";

const person = z.looseObject({ email: z.string(), name: z.string().nullish() });
const people = z.array(person).max(1_000).nullish();
const fields = z.record(z.string(), z.string()).nullish();
const values = z.record(z.string(), z.unknown()).nullish();
const settings = z.record(z.string(), z.looseObject({ enable: z.boolean().nullish() }).nullish()).nullish();
const sendAt = z.int().min(0).max(4_000_000_000).nullish();

/** POST /v3/mail/send (docs.sendgrid.com/api-reference/mail-send, and its OpenAPI document; seen 2026-11-25). */
export const mailShape = z.looseObject({
  personalizations: z
    .array(
      z.looseObject({
        from: person.nullish(),
        to: z.array(person).min(1).max(1_000),
        cc: people,
        bcc: people,
        subject: z.string().nullish(),
        headers: fields,
        custom_args: values,
        substitutions: z.record(z.string(), z.union([z.string(), z.number()])).nullish(),
        dynamic_template_data: values,
        send_at: sendAt,
      }),
    )
    .min(1)
    .max(1_000),
  from: person,
  reply_to: person.nullish(),
  reply_to_list: people,
  subject: z.string().nullish(),
  content: z.array(z.looseObject({ type: z.string(), value: z.string().min(1) })).nullish(),
  attachments: z
    .array(
      z.looseObject({
        content: z.string(),
        filename: z.string(),
        type: z.string().nullish(),
        disposition: z.string().nullish(),
        content_id: z.string().nullish(),
      }),
    )
    .nullish(),
  template_id: z.string().max(128).nullish(),
  headers: fields,
  sections: z.record(z.string(), z.string()).nullish(),
  categories: z.union([z.string(), z.array(z.string().max(255)).max(10)]).nullish(),
  custom_args: values,
  send_at: sendAt,
  batch_id: z.string().nullish(),
  asm: z.looseObject({}).nullish(),
  ip_pool_name: z.string().nullish(),
  mail_settings: settings,
  tracking_settings: settings,
});
export type SendGridMail = z.infer<typeof mailShape>;
export type Personalization = SendGridMail["personalizations"][number];
export type Person = z.infer<typeof person>;

/** The header that chooses a stream, which goes no further. */
const STREAM = "x-postern-stream";
export const headersOf = (mail: SendGridMail, one: Personalization): [string, string][] =>
  Object.entries({ ...mail.headers, ...one.headers }).filter(([name]) => name.toLowerCase() !== STREAM);
export const streamOf = (mail: SendGridMail, one: Personalization): string | undefined =>
  Object.entries({ ...mail.headers, ...one.headers }).find(([name]) => name.toLowerCase() === STREAM)?.[1];
