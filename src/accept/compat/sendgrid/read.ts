import { z } from "zod";
import type { MessageJson } from "../../http/submit/message-schema.ts";
import { tagName } from "../tags.ts";

const person = z.looseObject({ email: z.string(), name: z.string().nullish() });
const people = z.array(person).max(1_000).nullish();
const fields = z.record(z.string(), z.string()).nullish();

/** POST /v3/mail/send (docs.sendgrid.com/api-reference/mail-send, and its OpenAPI document; seen 2026-11-25). */
export const mailShape = z.looseObject({
  personalizations: z
    .array(
      z.looseObject({
        to: z.array(person).min(1).max(1_000),
        cc: people,
        bcc: people,
        subject: z.string().nullish(),
        headers: fields,
        custom_args: z.record(z.string(), z.unknown()).nullish(),
        substitutions: z.record(z.string(), z.unknown()).nullish(),
        dynamic_template_data: z.record(z.string(), z.unknown()).nullish(),
        send_at: z.number().nullish(),
      }),
    )
    .min(1)
    .max(1_000),
  from: person,
  reply_to: person.nullish(),
  reply_to_list: people,
  subject: z.string().nullish(),
  content: z.array(z.looseObject({ type: z.string(), value: z.string() })).nullish(),
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
  template_id: z.string().nullish(),
  headers: fields,
  categories: z.array(z.string()).nullish(),
  custom_args: z.record(z.string(), z.unknown()).nullish(),
  send_at: z.number().nullish(),
  mail_settings: z.looseObject({ sandbox_mode: z.looseObject({ enable: z.boolean().nullish() }).nullish() }).nullish(),
});
export type SendGridMail = z.infer<typeof mailShape>;
type Personalization = SendGridMail["personalizations"][number];

export const addressesShape = z.looseObject({ recipient_emails: z.array(z.string()).min(1).max(1_000) });

/** A member that would change the message and cannot be acted on here; null: all can. */
export function unsupported(mail: SendGridMail): string | null {
  if (mail.template_id) return "template_id";
  if (mail.send_at) return "send_at";
  for (const [n, one] of mail.personalizations.entries()) {
    if (one.send_at) return `personalizations.${n}.send_at`;
    if (Object.keys(one.substitutions ?? {}).length > 0) return `personalizations.${n}.substitutions`;
    if (Object.keys(one.dynamic_template_data ?? {}).length > 0) return `personalizations.${n}.dynamic_template_data`;
  }
  for (const [n, { type }] of (mail.content ?? []).entries()) {
    if (type !== "text/plain" && type !== "text/html") return `content.${n}.type`;
  }
  return null;
}

const mailbox = ({ email, name }: z.infer<typeof person>) => (name ? { email, name } : email);
const mailboxes = (given: z.infer<typeof people>) => (given ?? []).map(mailbox);

/** One message for each personalization: those it names see each other. */
export function jsonOfMail(mail: SendGridMail, one: Personalization): MessageJson {
  const headers = { ...mail.headers, ...one.headers };
  const stream = Object.entries(headers).find(([name]) => name.toLowerCase() === "x-postern-stream")?.[1];
  const content = (type: string): string | undefined => mail.content?.find((part) => part.type === type)?.value;
  const [text, html] = [content("text/plain"), content("text/html")];
  return {
    from: mailbox(mail.from),
    to: mailboxes(one.to),
    cc: mailboxes(one.cc),
    bcc: mailboxes(one.bcc),
    replyTo: mail.reply_to ? [mailbox(mail.reply_to)] : mailboxes(mail.reply_to_list),
    subject: one.subject ?? mail.subject ?? "",
    ...(text === undefined ? {} : { text }),
    ...(html === undefined ? {} : { html }),
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== "x-postern-stream")),
    attachments: (mail.attachments ?? []).map((file) => ({
      filename: file.filename,
      contentType: file.type || "application/octet-stream",
      content: file.content.replace(/\s+/g, ""),
      disposition: file.disposition === "inline" ? ("inline" as const) : ("attachment" as const),
      ...(file.content_id ? { contentId: file.content_id } : {}),
    })),
    tags: tagsOf(mail, one),
    ...(stream === undefined ? {} : { stream }),
  };
}

function tagsOf(mail: SendGridMail, one: Personalization): Record<string, string> {
  const pairs = [
    ...(mail.categories ?? []).map((name): [string, string] => [tagName(name), ""]),
    ...Object.entries({ ...mail.custom_args, ...one.custom_args }).map(([name, value]): [string, string] => [
      tagName(name),
      String(value).slice(0, 256),
    ]),
  ];
  return Object.fromEntries(pairs.filter(([name]) => name !== "").slice(0, 10));
}
