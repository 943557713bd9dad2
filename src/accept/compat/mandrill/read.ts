import type { Random } from "../../../kernel/index.ts";
import { type Mailbox, parseMailbox, readHeader } from "../../../mail/index.ts";
import { addressesOf, headerValue } from "../../../mail/index.ts";
import type { Limits } from "../../../config/index.ts";
import type { MessageJson } from "../../http/submit/message-schema.ts";
import { type Content, envelopeOf, readMessage } from "../../http/submit/read-message.ts";
import { type MandrillError, errorOfProblem, notSupported, validationError } from "./errors.ts";
import type { MandrillMessage, sendRawShape } from "./shape.ts";
import type { z } from "zod";
import { present } from "../present.ts";
import { tagName } from "../tags.ts";

/** One of the messages a request stands for, and whom it goes to. */
export type Copy = { content: Content; emails: string[] };

/**
 * A request as messages: one for each recipient, who sees nobody else, unless `preserve_recipients` asks for one to all.
 * What cannot be done is refused by name before anything is sent.
 */
export function readCopies(message: MandrillMessage, random: Random): Copy[] | MandrillError {
  const cannot = unsupported(message);
  if (cannot !== null) return notSupported(cannot);
  const groups = message.preserve_recipients ? [message.to] : message.to.map((one) => [one]);
  const copies: Copy[] = [];
  for (const to of groups) {
    const content = readMessage(jsonOf(message, to), random);
    if ("code" in content) return errorOfProblem(content);
    copies.push({ content, emails: to.map((one) => one.email) });
  }
  return copies;
}

function unsupported(message: MandrillMessage): string | null {
  if ((message.merge_vars?.length ?? 0) + (message.global_merge_vars?.length ?? 0) > 0) return "message.merge_vars";
  if (message.inline_css) return "message.inline_css";
  return null;
}

const named = (email: string, name: string | null | undefined) =>
  name === null || name === undefined || name === "" ? email : { email, name };

function jsonOf(message: MandrillMessage, to: MandrillMessage["to"]): MessageJson {
  const of = (type: "to" | "cc" | "bcc") =>
    to.filter((one) => (one.type ?? "to") === type).map((one) => named(one.email, one.name));
  const headers = Object.entries(message.headers ?? {});
  const replyTo = headers.find(([name]) => name.toLowerCase() === "reply-to")?.[1];
  const stream = headers.find(([name]) => name.toLowerCase() === "x-postern-stream")?.[1];
  const others = headers.filter(([name]) => !["reply-to", "x-postern-stream"].includes(name.toLowerCase()));
  if (message.important) others.push(["Importance", "high"], ["X-Priority", "1"]);
  // A lone copy to a hidden recipient still has to name somebody it is for; its envelope says who gets it.
  const shown = message.preserve_recipients
    ? { to: of("to"), cc: of("cc"), bcc: of("bcc") }
    : { to: to.map((one) => named(one.email, one.name)) };
  const bcc = message.bcc_address ? [...(shown.bcc ?? []), message.bcc_address] : (shown.bcc ?? []);
  return {
    from: named(message.from_email, message.from_name),
    ...shown,
    bcc,
    ...(replyTo === undefined ? {} : { replyTo: [String(replyTo)] }),
    subject: message.subject ?? "",
    ...present("text", message.text),
    ...present("html", message.html),
    headers: Object.fromEntries(others.map(([name, value]) => [name, String(value)])),
    attachments: [
      ...(message.attachments ?? []).map((one) => ({
        filename: one.name,
        contentType: one.type,
        content: one.content.replace(/\s+/g, ""),
      })),
      // An image's name is its content id there.
      ...(message.images ?? []).map((one) => ({
        filename: one.name,
        contentType: one.type,
        content: one.content.replace(/\s+/g, ""),
        contentId: one.name,
        disposition: "inline" as const,
      })),
    ],
    ...(stream === undefined ? {} : { stream: String(stream) }),
    tags: tagsOf(message),
  };
}

/** Labels of ours are names with values and ten at most: their tags become names, their metadata stays what it is. */
function tagsOf(message: MandrillMessage): Record<string, string> {
  const pairs = [
    ...(message.tags ?? []).map((tag): [string, string] => [tagName(tag), ""]),
    ...Object.entries(message.metadata ?? {}).map(([name, value]): [string, string] => [
      tagName(name),
      String(value).slice(0, 256),
    ]),
  ];
  return Object.fromEntries(pairs.filter(([name]) => name !== "").slice(0, 10));
}

/** A raw message: JSON text may have any line ends, and it is one message whatever is in it, so they are made CR LF. */
export function readRaw(given: z.infer<typeof sendRawShape>, limits: Limits): Copy | MandrillError {
  const raw = Buffer.from(given.raw_message.replace(/\r\n|\r|\n/g, "\r\n"));
  if (raw.length > limits.messageBytes)
    return validationError(`The message is larger than ${limits.messageBytes} bytes.`);
  const header = readHeader(raw, limits);
  if ("code" in header) return validationError(header.publicMessage);
  const field = (name: string): string[] => addressesOf(headerValue(header, name) ?? "");
  const emails = given.to?.length ? given.to : ["to", "cc", "bcc"].flatMap(field);
  const recipients = emails.flatMap((email) => parseMailbox(email) ?? []);
  if (recipients.length === 0 || recipients.length < emails.length) {
    return validationError("A recipient in `to`, or in the fields To, Cc and Bcc, is no mail address.");
  }
  const sender = given.from_email ?? field("from")[0];
  const returnPath: Mailbox | null = sender === undefined ? null : parseMailbox(sender);
  if (returnPath === null) return validationError("`from_email`, or the field From, is no mail address.");
  return { content: { stream: undefined, envelope: envelopeOf(returnPath, recipients), raw }, emails };
}
