import type { Random } from "../../../kernel/index.ts";
import { first, type Form, type FormFile, headerValue, parseMailbox, readHeader } from "../../../mail/index.ts";
import type { MessageJson } from "../../http/submit/message-schema.ts";
import { type Content, envelopeOf } from "../../http/submit/read-message.ts";
import { addressList } from "../address-list.ts";
import type { CompatParts } from "../compat.ts";
import { tagName } from "../tags.ts";

/** Options that would change the message or its time and cannot be acted on here. */
export function unsupported(form: Form): string | null {
  for (const name of ["template", "o:deliverytime", "recipient-variables", "amp-html"]) {
    const value = first(form, name);
    if (value !== undefined && value !== "" && value !== "{}") return name;
  }
  return null;
}

export const isTest = (form: Form): boolean => /^(?:yes|true)$/i.test(first(form, "o:testmode") ?? "");

/** Every value of a field, each of which may be a list. */
const people = (form: Form, name: string): string[] => (form.text.get(name) ?? []).flatMap(addressList);
const optional = <Name extends string>(name: Name, value: string | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [One in Name]?: string };

/** POST /v3/{domain}/messages (documentation.mailgun.com, "Send an email", and its OpenAPI document; seen 2026-11-25). */
export function jsonOfForm(form: Form, domain: string, random: Random): { json: MessageJson; messageId: string } {
  const headers: Record<string, string> = {};
  let replyTo: string[] = [];
  let stream: string | undefined;
  const tags: Record<string, string> = Object.fromEntries(
    (form.text.get("o:tag") ?? []).map((tag) => [tagName(tag), ""]),
  );
  for (const [name, [value = ""]] of form.text) {
    const header = /^h:(.+)$/i.exec(name)?.[1];
    if (header?.toLowerCase() === "reply-to") replyTo = addressList(value);
    else if (header?.toLowerCase() === "x-postern-stream") stream = value;
    else if (header !== undefined) headers[header] = value;
    const variable = /^v:(.+)$/.exec(name)?.[1];
    if (variable !== undefined) tags[tagName(variable)] = value.slice(0, 256);
  }
  const messageId = newId(domain, random);
  const json: MessageJson = {
    from: first(form, "from") ?? "",
    to: people(form, "to"),
    cc: people(form, "cc"),
    bcc: people(form, "bcc"),
    replyTo,
    subject: first(form, "subject") ?? "",
    ...optional("text", first(form, "text")),
    ...optional("html", first(form, "html")),
    headers,
    attachments: form.files.flatMap(attachmentOf),
    messageId,
    tags: Object.fromEntries(
      Object.entries(tags)
        .filter(([name]) => name !== "")
        .slice(0, 10),
    ),
    ...optional("stream", stream),
  };
  return { json, messageId };
}

function attachmentOf({ name, filename, type, content }: FormFile) {
  const file = { filename, contentType: type || "application/octet-stream", content: content.toString("base64") };
  if (name === "attachment") return [file];
  // An inline file is named by its file name in `cid:` links.
  return name === "inline" ? [{ ...file, contentId: filename, disposition: "inline" as const }] : [];
}

/**
 * The message's own id is what the call answers and what events say later; a text without one gets one.
 * @returns an empty id where there is no header section to speak of, which accept refuses.
 */
export function identified(
  raw: Buffer,
  domain: string,
  { limits, random }: Pick<CompatParts, "limits" | "random">,
): { raw: Buffer; messageId: string } {
  const header = readHeader(raw, limits);
  if ("code" in header) return { raw, messageId: "" };
  const given = headerValue(header, "message-id")?.trim();
  if (given !== undefined) return { raw, messageId: given };
  const messageId = newId(domain, random);
  return { raw: Buffer.concat([Buffer.from(`Message-ID: ${messageId}\r\n`), raw]), messageId };
}

const newId = (domain: string, random: Random): string => `<${random.bytes(16).toString("hex")}@${domain}>`;

/** POST /v3/{domain}/messages.mime: the text in the part `message`, its recipients in `to`. Line ends are made CR LF. */
export function rawOfForm(form: Form, domain: string): Content | string {
  const file = form.files.find((one) => one.name === "message");
  const given = file ? file.content.toString("latin1") : first(form, "message");
  if (given === undefined) return "message parameter is missing";
  const raw = Buffer.from(given.replace(/\r\n|\r|\n/g, "\r\n"), file ? "latin1" : "utf8");
  const emails = people(form, "to").map((one) => /<([^<>]*)>$/.exec(one)?.[1] ?? one);
  const recipients = emails.flatMap((email) => parseMailbox(email) ?? []);
  if (recipients.length === 0 || recipients.length < emails.length)
    return "to parameter is not a valid address. please check documentation";
  return { stream: undefined, envelope: envelopeOf(parseMailbox(`bounces@${domain}`), recipients), raw };
}
