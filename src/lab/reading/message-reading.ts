import PostalMime, { type Attachment } from "postal-mime";
import { linksOf } from "./links.ts";
import { readable } from "./summary.ts";

export type ReadAttachment = { name: string; type: string; sizeBytes: number; content: Buffer };
/** A message taken apart for showing. Every text of it is hostile until escaped. */
export type MessageReading = {
  /** In their order, repeated ones too; unfolded, encoded words as they came. */
  headers: { name: string; value: string }[];
  text: string | null;
  html: string | null;
  attachments: ReadAttachment[];
  /** Web addresses of the HTML and the text, each once, as they are and not as the message labels them. */
  links: string[];
  /** Why the message could not be taken apart; then only its source can be shown. */
  fault: string | null;
};

/** Twice what Postern's doors let through, so that a message can be looked at which should not have come this far. */
const BOUNDS = { maxNestingDepth: 20, maxHeadersSize: 512 * 1024, maxRfc822NestingDepth: 3 };
const ATTACHMENTS = 200;

export async function readMessage(raw: Buffer): Promise<MessageReading> {
  try {
    const email = await PostalMime.parse(raw, BOUNDS);
    const text = email.text ?? null;
    const html = email.html ?? null;
    return {
      headers: email.headers.map(({ originalKey, value }) => ({ name: originalKey, value })),
      text,
      html,
      attachments: email.attachments.slice(0, ATTACHMENTS).map(readAttachment),
      links: linksOf(html, text),
      fault: null,
    };
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    return { headers: [], text: null, html: null, attachments: [], links: [], fault };
  }
}

function readAttachment(attachment: Attachment, index: number): ReadAttachment {
  const content =
    typeof attachment.content === "string"
      ? Buffer.from(attachment.content)
      : Buffer.from(attachment.content as ArrayBuffer);
  return {
    name: readable(attachment.filename ?? "") || `part-${index + 1}`,
    type: readable(attachment.mimeType),
    sizeBytes: content.length,
    content,
  };
}
