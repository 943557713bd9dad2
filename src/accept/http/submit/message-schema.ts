import { z } from "zod";
import { HTTP_BOUNDS } from "../bounds.ts";

/**
 * The shape of what clients send: types and counts. What the values mean is read by read-message.ts.
 * No format or pattern of zod's own is used for addresses: src/mail/address.ts is the one grammar, and a second one in
 * the published document would promise something else.
 */

const MAILBOX_CHARACTERS = 600;
const NAME_CHARACTERS = 256;
const TEXT_FIELD_CHARACTERS = 2_000;
const LIST_ITEMS = 1_000;

export const mailboxSchema = z
  .union(
    [
      z.string().max(MAILBOX_CHARACTERS),
      z.strictObject({ email: z.string(), name: z.string().max(NAME_CHARACTERS).optional() }),
    ],
    {
      error: "must be an address as text, or { email, name }.",
    },
  )
  .describe(
    '`"ada@example.com"`, `"Ada Lovelace <ada@example.com>"` or `{ "email": …, "name": … }`. One address each.',
  );
const mailboxes = z.array(mailboxSchema).max(LIST_ITEMS);

const addressText = z.string().describe("An address alone, without a name.");
const returnPath = z
  .string()
  .nullable()
  .describe("Where delivery reports go (MAIL FROM). Null or empty: nowhere. Without it: the address of `from`.");

export const attachmentSchema = z.strictObject({
  filename: z.string().max(255).optional(),
  contentType: z.string().max(255).describe("`application/pdf`; multipart and message types are refused."),
  content: z.string().describe("The octets in base64, without line breaks."),
  contentId: z.string().max(255).optional().describe("For `cid:` links of the html; without angle brackets."),
  disposition: z.enum(["attachment", "inline"]).optional(),
});

const stream = z
  .string()
  .regex(/^[\x20-\x7e]{0,64}$/, "must be the name of a stream.")
  .optional()
  .describe("One of the tenant's streams; its default where absent.");
const tags = z
  .record(z.string(), z.string().max(256))
  .optional()
  .describe("At most 10 free labels kept with the message. Names: up to 64 letters, digits, `_`, `.` or `-`.");
const sendAt = z
  .string()
  .max(64)
  .optional()
  .describe("RFC 3339: when it is sent, within limits.scheduleAhead (30 days). In the past or absent: now.");

const supersedes = z
  .string()
  .max(64)
  .optional()
  .describe("The id of a message whose place this one takes: that one is not sent, or not sent again.");

export const messageSchema = z
  .strictObject({
    from: mailboxSchema,
    to: mailboxes.optional(),
    cc: mailboxes.optional(),
    bcc: mailboxes.optional().describe("Get the message and are named nowhere in it."),
    replyTo: mailboxes.optional(),
    subject: z.string().max(TEXT_FIELD_CHARACTERS),
    text: z.string().optional(),
    html: z.string().optional(),
    headers: z
      .record(z.string(), z.string().max(TEXT_FIELD_CHARACTERS))
      .optional()
      .describe("At most 50 further header fields. Those that other members or Postern write are refused."),
    attachments: z.array(attachmentSchema).max(90).optional(),
    messageId: z.string().max(250).optional().describe("`<id@domain>`; made by Postern where absent."),
    stream,
    tags,
    sendAt,
    supersedes,
    envelope: z
      .strictObject({
        returnPath: returnPath.optional(),
        recipients: z.array(addressText).min(1).max(LIST_ITEMS).optional(),
      })
      .optional()
      .describe("Where it differs from the fields: recipients are else all of to, cc and bcc."),
  })
  .describe("A message in fields; Postern writes the MIME text.");
export type MessageJson = z.infer<typeof messageSchema>;

export const rawMessageSchema = z
  .strictObject({
    raw: z.string().describe("RFC 5322 text in base64, every line ended by CR LF."),
    envelope: z.strictObject({ returnPath, recipients: z.array(addressText).min(1).max(LIST_ITEMS) }),
    stream,
    tags,
    sendAt,
    supersedes,
  })
  .describe("A message as MIME text, with the envelope it is sent with.");
export type RawMessageJson = z.infer<typeof rawMessageSchema>;

export const templatedMessageSchema = messageSchema
  .omit({ text: true, html: true })
  .extend({
    template: z
      .strictObject({
        name: z.string().max(128).describe("The name of a template of the tenant, or an alias."),
        data: z.record(z.string(), z.unknown()).optional().describe("The values."),
      })
      .describe("Where subject and bodies come from."),
    from: mailboxSchema.optional().describe("That of the template where absent."),
    subject: z.string().max(TEXT_FIELD_CHARACTERS).optional().describe("That of the template where absent."),
  })
  .describe("A message made of a template and values.");

/** Items are read one by one, so that a bad one spoils no other. */
export const batchSchema = z.strictObject({ messages: z.array(z.unknown()).min(1).max(HTTP_BOUNDS.batchItems) });
