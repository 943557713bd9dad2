import { decodeWords } from "postal-mime";
import type { LabMessage } from "../inbox.ts";
import { dmarcLabel, type Receipt } from "../receiving/index.ts";
import { type PosternFields, posternFields } from "../postern-fields.ts";

/** One line of the inbox. Every text of it comes from mail: hostile until escaped. */
export type Summary = {
  id: number;
  provider: string;
  takenAt: number;
  seen: boolean;
  sizeBytes: number;
  /** As the header says; the envelope's addresses where it says nothing. */
  from: string;
  to: string;
  subject: string;
  /** What the receiving server found out, and from whom it got the message; null where it came there directly. */
  authentication: Receipt["authentication"] | null;
  client: Receipt["client"] | null;
} & Pick<PosternFields, "spoolId" | "stream" | "messageClass">;

const HEADER_END = Buffer.from("\r\n\r\n");
/** Lists show this much of a field; the message's own page shows all of it. */
const SHOWN_CHARACTERS = 300;
/** No screen shows more of a header section in a list, and reading stays cheap whatever arrives. */
const READ_BYTES = 64 * 1024;

type ReadOnce = Omit<Summary, "seen" | "authentication">;
const cache = new WeakMap<LabMessage, ReadOnce>();

/** Made when first asked for, so that a flood of messages nobody looks at costs nothing. */
export function summaryOf(message: LabMessage): Summary {
  let read = cache.get(message);
  if (!read) {
    read = readSummary(message);
    cache.set(message, read);
  }
  return { ...read, seen: message.seen, authentication: message.receipt?.authentication ?? null };
}

function readSummary(message: LabMessage): ReadOnce {
  const { envelope, raw } = message;
  const header = headerText(raw);
  const { spoolId, stream, messageClass } = posternFields(raw);
  return {
    id: message.id,
    provider: message.provider,
    takenAt: message.takenAt,
    sizeBytes: raw.length,
    from: field(header, "from") || envelope.returnPath,
    to: field(header, "to") || envelope.recipients.map((recipient) => recipient.address).join(", "),
    subject: field(header, "subject"),
    client: message.receipt?.client ?? null,
    spoolId,
    stream,
    messageClass,
  };
}

function headerText(raw: Buffer): string {
  const end = raw.indexOf(HEADER_END);
  return raw.toString("utf8", 0, Math.min(end === -1 ? raw.length : end, READ_BYTES)).replace(/\r\n[ \t]+/g, " ");
}

function field(header: string, name: string): string {
  const found = new RegExp(`^${name}[ \\t]*:[ \\t]*([^\\r\\n]*)`, "im").exec(header);
  const value = found?.[1] ?? "";
  return readable(decodeWords(value.slice(0, 4 * SHOWN_CHARACTERS))).slice(0, SHOWN_CHARACTERS);
}

/**
 * Text from mail as it may be shown in a line: controls become spaces, and what turns the direction of text (and so
 * could make one address look like another) becomes visible.
 */
export const readable = (text: string): string =>
  text
    .replace(/\p{Cc}/gu, " ")
    .replace(/[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, "\ufffd")
    .trim();

/** True when every word of `query` stands in what the list shows of the message. */
export function matches(summary: Summary, query: string): boolean {
  const shown =
    `${summary.from} ${summary.to} ${summary.subject} ${summary.provider} ${summary.spoolId ?? ""} ${summary.stream ?? ""} ${summary.messageClass ?? ""} ${dmarcLabel(summary.authentication) ?? ""}`.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => shown.includes(word));
}
