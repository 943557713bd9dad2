import { DEFAULT_LIMITS } from "../../config/index.ts";
import { Problem } from "../../kernel/index.ts";
import { type Header, addressesOf, authorOf, headerValue, readHeader, rewriteHeader } from "../../mail/index.ts";

/** A message file ready to be sent: the text as mail carries it, and the envelope it goes with. */
export type Letter = { raw: Buffer; returnPath: string; recipients: string[]; notes: string[] };

const CR = 0x0d;
const LF = 0x0a;

/**
 * Files on disk have the line ends of their system, mail has CRLF (RFC 5321 §2.3.8). The file is its owner's, so
 * converting it is a service here, where a door would have to refuse it. A CR of its own is left for the door to judge.
 */
export function withCrlf(text: Buffer): { raw: Buffer; changed: number } {
  const parts: Buffer[] = [];
  let from = 0;
  let changed = 0;
  for (let at = text.indexOf(LF); at !== -1; at = text.indexOf(LF, at + 1)) {
    if (at > 0 && text[at - 1] === CR) continue;
    parts.push(text.subarray(from, at), CRLF);
    from = at + 1;
    changed += 1;
  }
  return changed === 0 ? { raw: text, changed } : { raw: Buffer.concat([...parts, text.subarray(from)]), changed };
}
const CRLF = Buffer.from("\r\n");

/**
 * The envelope is what the options say, else what the message says of itself: its author, and its To, Cc and Bcc. Bcc
 * never goes out (RFC 5322 §3.6.3).
 * @throws Problem `letter-unusable`.
 */
export function letterOf(text: Buffer, given: { from?: string | undefined; to: readonly string[] }): Letter {
  const { raw, changed } = withCrlf(text);
  const header = readHeader(raw, { headerBytes: raw.length, headerFields: DEFAULT_LIMITS.headerFields });
  if (!("fields" in header)) throw new Problem("letter-unusable", header.publicMessage);
  const notes: string[] = [];
  if (changed > 0)
    notes.push(`${changed === 1 ? "One line end was" : `${changed} line ends were`} made CRLF, as mail needs it.`);
  const hasBcc = header.fields.some((field) => field.name === "bcc");
  if (hasBcc) notes.push("The Bcc field was taken out.");
  const returnPath = given.from ?? authorOf(header);
  if (returnPath === undefined)
    throw new Problem("letter-unusable", "The message names no author: give it a From field, or --from.");
  const recipients = given.to.length > 0 ? [...given.to] : named(header);
  if (recipients.length === 0)
    throw new Problem("letter-unusable", "The message names no recipient: give it a To field, or --to.");
  const drop = (name: string) => name === "bcc";
  return {
    raw: hasBcc ? rewriteHeader(raw, header, { prepend: "", append: "", drop }) : raw,
    returnPath,
    recipients,
    notes,
  };
}

const named = (header: Header): string[] => [
  ...new Set(["to", "cc", "bcc"].flatMap((name) => addressesOf(headerValue(header, name) ?? ""))),
];

/** A message in fields, as POST /v1/messages takes it. */
export type Fields = { from: string; to: string[]; subject: string; text?: string; html?: string };

/** The SMTP door takes text only: a message in fields becomes the plainest one there is (RFC 2045, RFC 2047 §2). */
export function plainLetter({ from, to, subject, text, html }: Fields): Letter {
  const oneLine = subject.replaceAll(/[\r\n]+/g, " ");
  // oxlint-disable-next-line no-control-regex
  const encoded = /[^\x00-\x7e]/.test(oneLine) ? `=?UTF-8?B?${Buffer.from(oneLine).toString("base64")}?=` : oneLine;
  const lines = [
    `From: ${from}`,
    `To: ${to.join(", ")}`,
    `Subject: ${encoded}`,
    "MIME-Version: 1.0",
    `Content-Type: text/${html === undefined ? "plain" : "html"}; charset=utf-8`,
    "Content-Transfer-Encoding: base64",
    "",
    ...(Buffer.from(html ?? text ?? "")
      .toString("base64")
      .match(/.{1,76}/g) ?? []),
    "",
  ];
  return { raw: Buffer.from(lines.join("\r\n")), returnPath: from, recipients: to, notes: [] };
}
