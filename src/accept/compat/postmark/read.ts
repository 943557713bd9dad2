import { z } from "zod";
import type { MessageJson } from "../../http/submit/message-schema.ts";
import { addressList } from "../address-list.ts";
import { present } from "../present.ts";
import { tagName } from "../tags.ts";

const text = z.string().nullish();

/** POST /email (postmarkapp.com/developer/api/email-api; seen 2026-11-25). */
export const emailShape = z.looseObject({
  From: z.string(),
  To: text,
  Cc: text,
  Bcc: text,
  ReplyTo: text,
  Subject: text,
  HtmlBody: text,
  TextBody: text,
  Tag: text,
  MessageStream: text,
  Headers: z.array(z.looseObject({ Name: z.string(), Value: z.string() })).nullish(),
  Metadata: z.record(z.string(), z.string()).nullish(),
  Attachments: z
    .array(z.looseObject({ Name: z.string(), Content: z.string(), ContentType: z.string(), ContentID: text }))
    .nullish(),
});
export type PostmarkEmail = z.infer<typeof emailShape>;

/** POST /email/withTemplate: subject and bodies come of the template. */
export const templatedShape = emailShape.extend({
  TemplateId: z.number().int().nullish(),
  TemplateAlias: text,
  TemplateModel: z.record(z.string(), z.unknown()),
});
export type TemplatedEmail = z.infer<typeof templatedShape>;

const isStream = ({ Name }: { Name: string }): boolean => Name.toLowerCase() === "x-postern-stream";
export const streamHeaderOf = ({ Headers }: Pick<PostmarkEmail, "Headers">): string | undefined =>
  Headers?.find(isStream)?.Value;

export function jsonOfEmail(email: PostmarkEmail): MessageJson {
  const headers = email.Headers ?? [];
  const stream = streamHeaderOf(email);
  const tags = [
    ...(email.Tag ? [[tagName(email.Tag), ""] as const] : []),
    ...Object.entries(email.Metadata ?? {}).map(([name, value]) => [tagName(name), value.slice(0, 256)] as const),
  ];
  return {
    from: email.From,
    to: addressList(email.To),
    cc: addressList(email.Cc),
    bcc: addressList(email.Bcc),
    replyTo: addressList(email.ReplyTo),
    subject: email.Subject ?? "",
    ...present("text", email.TextBody),
    ...present("html", email.HtmlBody),
    headers: Object.fromEntries(headers.filter((one) => !isStream(one)).map(({ Name, Value }) => [Name, Value])),
    attachments: (email.Attachments ?? []).map((file) => ({
      filename: file.Name,
      contentType: file.ContentType,
      content: file.Content.replace(/\s+/g, ""),
      ...(file.ContentID ? { contentId: file.ContentID.replace(/^cid:/, ""), disposition: "inline" as const } : {}),
    })),
    tags: Object.fromEntries(tags.filter(([name]) => name !== "").slice(0, 10)),
    ...(stream === undefined ? {} : { stream }),
  };
}
