import type { Random } from "../../../kernel/index.ts";
import type { ProblemDocument } from "../../http/problem.ts";
import type { MessageJson } from "../../http/submit/message-schema.ts";
import type { Content } from "../../http/submit/read-message.ts";
import { addressList } from "../address-list.ts";
import { present } from "../present.ts";
import { readMessageThere } from "../read-message-there.ts";
import { labelsFor } from "./labels.ts";
import type { MandrillMessage } from "./shape.ts";
import type { Draft, Written } from "./writing.ts";

export type Addressee = MandrillMessage["to"][number];

/** What would change the message and cannot be done here; null: all of it can. */
export function unsupported({ inline_css: inlineCss }: MandrillMessage, { html }: Draft): string | null {
  // Without a style sheet there is nothing to inline.
  return inlineCss && /<style[\s>]/i.test(html ?? "") ? "message.inline_css with a <style> element" : null;
}

const STREAM_FIELD = "x-postern-stream";
/** Fields that are members of a message of ours. */
const OWN_FIELDS = new Set(["reply-to", "message-id", STREAM_FIELD]);

/** The stream a message asks for. */
export function streamOf({ headers }: MandrillMessage): string | undefined {
  const [, value] = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === STREAM_FIELD) ?? [];
  return value === null || value === undefined ? undefined : String(value);
}

const named = (email: string, name: string | null | undefined) => (name ? { email, name } : email);
const base64 = (content: string): string => content.replace(/\s+/g, "");

export type Making = { draft: Draft; message: MandrillMessage; sendAt: number | null; random: Random };

/**
 * The message one recipient gets: who sees nobody else, unless `preserve_recipients` has all of To and Cc shown; of those
 * in Bcc nobody ever reads. A lone copy to a hidden recipient still has to name somebody it is for.
 * @param withFiles false: as the same message without attachments, to see whether the rest can be read.
 */
export function contentFor(
  addressee: Addressee,
  written: Written,
  { draft, message, sendAt, random }: Making,
  withFiles: boolean,
): Content | ProblemDocument {
  const shown = (type: "to" | "cc") =>
    message.to.filter((one) => (one.type ?? "to") === type).map((one) => named(one.email, one.name));
  const field = (wanted: string) => written.headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
  const others = written.headers.filter(([name]) => !OWN_FIELDS.has(name.toLowerCase()));
  if (message.important) others.push(["Importance", "high"], ["X-Priority", "1"]);
  const replyTo = field("reply-to");
  const json: MessageJson = {
    from: named(draft.from.email ?? "", written.fromName),
    ...(message.preserve_recipients
      ? { to: shown("to"), cc: shown("cc") }
      : { to: [named(addressee.email, addressee.name)] }),
    envelope: { recipients: [addressee.email, ...(message.bcc_address ? [message.bcc_address] : [])] },
    ...(replyTo === undefined ? {} : { replyTo: addressList(replyTo) }),
    subject: written.subject ?? "",
    ...present("text", written.text),
    ...present("html", written.html),
    ...present("messageId", field("message-id")),
    ...present("stream", streamOf(message)),
    headers: Object.fromEntries(others),
    attachments: withFiles ? filesOf(message) : [],
    tags: labelsFor(message, addressee.email, draft.slug),
    ...(sendAt === null ? {} : { sendAt: new Date(sendAt).toISOString() }),
  };
  return readMessageThere(json, random);
}

/** An image's name is its content id there. */
const filesOf = ({ attachments, images }: MandrillMessage): NonNullable<MessageJson["attachments"]> => [
  ...(attachments ?? []).map(({ name, type, content }) => ({
    ...present("filename", name === "" ? null : name),
    contentType: type,
    content: base64(content),
  })),
  ...(images ?? []).map(({ name, type, content }) => ({
    filename: name,
    contentType: type,
    content: base64(content),
    contentId: name,
    disposition: "inline" as const,
  })),
];
