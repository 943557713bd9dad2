import { isAscii } from "node:buffer";
import type { Random } from "../../../kernel/index.ts";
import { type NamedAddress, addressField, folded, parameter, unstructured } from "./field.ts";
import { base64Lines, quotedPrintable } from "./quoted-printable.ts";

/** A message in fields, every value already checked (mailboxes by our grammar, no controls in anything that goes into a header). */
export type Composition = {
  from: NamedAddress;
  to: readonly NamedAddress[];
  cc: readonly NamedAddress[];
  replyTo: readonly NamedAddress[];
  subject: string;
  text: string | undefined;
  html: string | undefined;
  /** Further fields, in order. */
  headers: readonly (readonly [name: string, value: string])[];
  /** `<id@domain>`; where absent, the one who accepts the message adds one. */
  messageId: string | undefined;
  attachments: readonly Attachment[];
};

export type Attachment = {
  filename: string | undefined;
  contentType: string;
  content: Buffer;
  disposition: "attachment" | "inline";
  /** Without angle brackets. */
  contentId: string | undefined;
};

/**
 * The message as RFC 5322 text. Bodies are quoted-printable or base64, so any next hop can carry it; bcc is in no field.
 * Parts nest as readers expect them: mixed( related( alternative( text, html ), inline images ), attachments ) — each
 * level only where it has something to hold (RFC 2046 §5.1, RFC 2387).
 */
export function compose(message: Composition, random: Random): Buffer {
  const header =
    addressField("From", [message.from]) +
    (message.replyTo.length > 0 ? addressField("Reply-To", message.replyTo) : "") +
    (message.to.length > 0 ? addressField("To", message.to) : "") +
    (message.cc.length > 0 ? addressField("Cc", message.cc) : "") +
    unstructured("Subject", message.subject) +
    (message.messageId === undefined ? "" : folded("Message-ID", [message.messageId])) +
    message.headers.map(([name, value]) => unstructured(name, value)).join("") +
    "MIME-Version: 1.0\r\n";
  return Buffer.concat([Buffer.from(header), ...bodyOf(message, random)]);
}

/** A part with its own header fields: text and octets in the order they are written. */
type Part = Buffer[];

function bodyOf(message: Composition, random: Random): Part {
  const isRelated = (attachment: Attachment): boolean =>
    message.html !== undefined && attachment.disposition === "inline" && attachment.contentId !== undefined;
  const related = message.attachments.filter(isRelated);
  const attached = message.attachments.filter((attachment) => !isRelated(attachment));

  const texts: Part[] = [];
  if (message.text !== undefined) texts.push(textPart("plain", message.text));
  if (message.html !== undefined) texts.push(textPart("html", message.html));
  if (texts.length === 0 && attached.length === 0) texts.push(textPart("plain", ""));
  let whole = wrapped("alternative", texts, random);
  if (related.length > 0) whole = wrapped("related", [whole, ...related.map(attachmentPart)], random);
  return attached.length > 0
    ? wrapped("mixed", [...(texts.length > 0 ? [whole] : []), ...attached.map(attachmentPart)], random, true)
    : whole;
}

/** The parts in a multipart; a single one stands alone unless `always`. */
function wrapped(subtype: string, parts: readonly Part[], random: Random, always = false): Part {
  if (parts.length === 1 && !always) return parts[0]!;
  // `=_` occurs in no quoted-printable or base64 text (RFC 2045 §6.7), so no body can hold the boundary.
  const boundary = `=_${random.bytes(12).toString("hex")}`;
  const whole: Part = [Buffer.from(`Content-Type: multipart/${subtype}; boundary="${boundary}"\r\n`)];
  for (const part of parts) whole.push(Buffer.from(`\r\n--${boundary}\r\n`), ...part);
  whole.push(Buffer.from(`\r\n--${boundary}--\r\n`));
  return whole;
}

function textPart(subtype: "plain" | "html", text: string): Part {
  const octets = Buffer.from(text.replace(/\r\n|\r|\n/g, "\r\n"));
  const [encoding, body] = mostlyBeyondAscii(octets)
    ? ["base64", base64Lines(octets)]
    : ["quoted-printable", quotedPrintable(octets)];
  return [
    Buffer.from(`Content-Type: text/${subtype}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`),
    body as Buffer,
  ];
}

/** Quoted-printable triples an octet above 127, base64 adds a third to everything: beyond 1 in 6 the latter is smaller. */
function mostlyBeyondAscii(octets: Buffer): boolean {
  if (isAscii(octets)) return false;
  let beyond = 0;
  for (const octet of octets) if (octet > 127) beyond += 1;
  return beyond * 6 > octets.length;
}

const attachmentPart = (attachment: Attachment): Part => [
  Buffer.from(
    `Content-Type: ${attachment.contentType}\r\n` +
      "Content-Transfer-Encoding: base64\r\n" +
      (attachment.contentId === undefined ? "" : `Content-ID: <${attachment.contentId}>\r\n`) +
      `Content-Disposition: ${attachment.disposition}` +
      (attachment.filename === undefined ? "" : parameter("filename", attachment.filename)) +
      "\r\n\r\n",
  ),
  base64Lines(attachment.content),
];
