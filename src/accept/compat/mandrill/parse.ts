import PostalMime, { type Attachment, type Email } from "postal-mime";
import type { z } from "zod";
import { isTooMuchToRead } from "../../../mail/index.ts";
import { validationError } from "./errors.ts";
import type { rawShape } from "./shape.ts";

/** What the doors let through (mail/mime-bounds.ts), with room. */
const BOUNDS = { maxNestingDepth: 20, maxHeadersSize: 256 * 1024, forceRfc822Attachments: true };

/** messages/parse: a message in MIME text, taken apart. Nothing is kept of it. */
export async function parse({ raw_message: raw }: z.infer<typeof rawShape>): Promise<unknown> {
  if (isTooMuchToRead(Buffer.from(raw)))
    return validationError("`raw_message` has more lines or parts than can be read.");
  let email: Email;
  try {
    email = await PostalMime.parse(raw, BOUNDS);
  } catch {
    return validationError("`raw_message` cannot be read as a MIME document.");
  }
  const { attachments } = email;
  const isImage = ({ mimeType, contentId }: Attachment) => Boolean(contentId) && mimeType.startsWith("image/");
  return {
    subject: email.subject ?? "",
    from_email: email.from?.address ?? "",
    from_name: email.from?.name ?? "",
    to: (email.to ?? []).flatMap((one) => one.group ?? [one]).map(({ address, name }) => ({ email: address, name })),
    headers: headersOf(email),
    ...(email.text === undefined ? {} : { text: email.text }),
    ...(email.html === undefined ? {} : { html: email.html }),
    attachments: attachments.filter((one) => !isImage(one)).map((one) => fileOf(one, one.filename ?? "")),
    images: attachments.filter(isImage).map((one) => ({
      name: one.contentId!.replace(/^<|>$/g, ""),
      type: one.mimeType,
      content: octets(one).toString("base64"),
    })),
  };
}

/** A field that is there several times is a list. */
function headersOf({ headers }: Email): Record<string, string | string[]> {
  const byName = new Map<string, string[]>();
  for (const { originalKey, value } of headers) byName.set(originalKey, [...(byName.get(originalKey) ?? []), value]);
  return Object.fromEntries([...byName].map(([name, values]) => [name, values.length === 1 ? values[0]! : values]));
}

const octets = ({ content }: Attachment): Buffer =>
  typeof content === "string" ? Buffer.from(content) : Buffer.from(content as ArrayBuffer);

/** Text comes as text, everything else in base64. */
function fileOf(attachment: Attachment, name: string): object {
  const { mimeType: type } = attachment;
  const binary = !type.startsWith("text/");
  return { name, type, binary, content: octets(attachment).toString(binary ? "base64" : "utf8") };
}
