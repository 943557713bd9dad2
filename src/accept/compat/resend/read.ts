import { z } from "zod";
import type { MessageJson } from "../../http/submit/message-schema.ts";
import { mediaTypeOf } from "../media-type.ts";
import { present } from "../present.ts";

/** One or several, as its clients write it. */
const several = z.union([z.string(), z.array(z.string()).max(50)]).nullish();

/** POST /emails (resend.com/docs/api-reference/emails/send-email, and its OpenAPI document; seen 2026-11-25). */
export const emailShape = z.looseObject({
  from: z.string().nullish(),
  to: z.union([z.string(), z.array(z.string()).min(1).max(50)]),
  subject: z.string().nullish(),
  cc: several,
  bcc: several,
  reply_to: several,
  replyTo: several,
  html: z.string().nullish(),
  text: z.string().nullish(),
  headers: z.record(z.string(), z.string()).nullish(),
  attachments: z
    .array(
      z.looseObject({
        content: z.string().nullish(),
        filename: z.string().nullish(),
        path: z.string().nullish(),
        content_type: z.string().nullish(),
        content_id: z.string().nullish(),
      }),
    )
    .nullish(),
  tags: z.array(z.looseObject({ name: z.string(), value: z.string() })).nullish(),
  scheduled_at: z.string().nullish(),
  template: z
    .looseObject({ id: z.string(), variables: z.record(z.string(), z.union([z.string(), z.number()])).nullish() })
    .nullish(),
  topic_id: z.string().nullish(),
});
export type ResendEmail = z.infer<typeof emailShape>;
/** With all that a template may have left open. */
export type WholeEmail = ResendEmail & { from: string; subject: string };

/** What would change the message and cannot be done here; null: all of it can. */
export function unsupported(email: ResendEmail): string | null {
  if (email.topic_id) return "topic_id";
  if (email.attachments?.some((one) => one.path)) return "attachments.path"; // fetching an address is not ours to do
  return null;
}

const list = (given: z.infer<typeof several>): string[] => (typeof given === "string" ? [given] : (given ?? []));

export function jsonOfEmail(email: WholeEmail): MessageJson {
  const headers = Object.entries(email.headers ?? {});
  const stream = headers.find(([name]) => name.toLowerCase() === "x-postern-stream")?.[1];
  return {
    from: email.from,
    to: list(email.to),
    cc: list(email.cc),
    bcc: list(email.bcc),
    replyTo: list(email.reply_to ?? email.replyTo),
    subject: email.subject,
    ...present("text", email.text),
    ...present("html", email.html),
    headers: Object.fromEntries(headers.filter(([name]) => name.toLowerCase() !== "x-postern-stream")),
    attachments: (email.attachments ?? []).map((one) => ({
      ...present("filename", one.filename),
      contentType: one.content_type ?? mediaTypeOf(one.filename ?? ""),
      content: (one.content ?? "").replace(/\s+/g, ""),
      ...(one.content_id ? { contentId: one.content_id, disposition: "inline" as const } : {}),
    })),
    tags: Object.fromEntries((email.tags ?? []).slice(0, 10).map(({ name, value }) => [name, value])),
    ...(stream === undefined ? {} : { stream }),
  };
}
