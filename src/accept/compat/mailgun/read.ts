import { first, type Form, type FormFile } from "../../../mail/index.ts";
import type { MessageJson } from "../../http/submit/message-schema.ts";
import { addressList } from "../address-list.ts";
import type { CompatParts } from "../compat.ts";
import { present } from "../present.ts";
import { type Fault, fault } from "./dialect.ts";
import { newMessageId } from "./message-id.ts";
import { ORDER_FIELDS, type Orders } from "./orders.ts";

/** Every value of a field, each of which may be a list. */
export const people = (form: Form, name: string): string[] => (form.text.get(name) ?? []).flatMap(addressList);

/** "The maximum number of recipients allowed for Batch Sending is 1,000"; of one message there are no more. */
const MOST_RECIPIENTS = 1_000;

/** A message without its subject and bodies: those may come out of a template. */
export type Frame = Omit<MessageJson, "subject" | "text" | "html"> & { messageId: string };

/** POST /v3/{domain}/messages (documentation.mailgun.com, "Send an email", and its OpenAPI document; seen 2026-11-25). */
export function frameOf(form: Form, domain: string, orders: Orders, parts: CompatParts): Frame | Fault {
  if (!first(form, "from") && !first(form, "template")) return fault(400, "from parameter is missing");
  const [to, cc, bcc] = ["to", "cc", "bcc"].map((name) => people(form, name)) as [string[], string[], string[]];
  if (to.length === 0) return fault(400, "to parameter is missing");
  if (to.length + cc.length + bcc.length > MOST_RECIPIENTS)
    return fault(400, `A message may have ${MOST_RECIPIENTS} recipients`);
  if (!["text", "html", "template"].some((name) => first(form, name)))
    return fault(400, "Need at least one of 'text', 'html', 'amp-html' or 'template' parameters specified");
  if (first(form, "html") && first(form, "template"))
    return fault(400, "Only one of the parameters 'html' or 'template' is allowed");
  const headers: Record<string, string> = {};
  let replyTo: string[] = [];
  for (const [name, [value = ""]] of form.text) {
    const header = /^h:(.+)$/i.exec(name)?.[1];
    if (header === undefined || ORDER_FIELDS.has(header.toLowerCase())) continue;
    if (header.toLowerCase() === "reply-to") replyTo = addressList(value);
    else if (header.toLowerCase() !== "x-postern-stream") headers[header] = value;
  }
  return {
    from: first(form, "from") ?? "",
    to,
    cc,
    bcc,
    replyTo,
    headers,
    attachments: form.files.flatMap(attachmentOf),
    messageId: newMessageId(domain, parts),
    tags: orders.tags,
    ...present("sendAt", orders.sendAt),
    ...present("stream", streamOf(form)),
  };
}

export const streamOf = (form: Form): string | undefined =>
  [...form.text].find(([name]) => name.toLowerCase() === "h:x-postern-stream")?.[1][0];

function attachmentOf({ name, filename, type, content }: FormFile) {
  const file = { filename, contentType: type || "application/octet-stream", content: content.toString("base64") };
  if (name === "attachment") return [file];
  // An inline file is named by its file name in `cid:` links.
  return name === "inline" ? [{ ...file, contentId: filename, disposition: "inline" as const }] : [];
}
