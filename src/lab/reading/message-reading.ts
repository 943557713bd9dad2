import PostalMime, { type Attachment } from "postal-mime";
import { MIME_LINES, exceedsLineBound } from "../../mail/index.ts";
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
/** Each may be the boundary of a part. 10,000 take 0.1 s to look at, a million 13 s; Postern's doors let 100 parts through. */
const BOUNDARY_LINES = 10_000;
const BOUNDARY_LINE = Buffer.from("\n--");

export async function readMessage(raw: Buffer): Promise<MessageReading> {
  if (hasTooManyParts(raw)) return unread(`more than ${BOUNDARY_LINES} lines look like the boundary of a part`);
  if (exceedsLineBound(raw)) return unread(`more than ${MIME_LINES} lines that are not coded`);
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
    return unread(error instanceof Error ? error.message : String(error));
  }
}

const unread = (fault: string): MessageReading => ({
  headers: [],
  text: null,
  html: null,
  attachments: [],
  links: [],
  fault,
});

function hasTooManyParts(raw: Buffer): boolean {
  let count = 0;
  for (let at = raw.indexOf(BOUNDARY_LINE); at !== -1; at = raw.indexOf(BOUNDARY_LINE, at + BOUNDARY_LINE.length)) {
    count += 1;
    if (count > BOUNDARY_LINES) return true;
  }
  return false;
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
