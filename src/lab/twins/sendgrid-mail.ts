import type { TwinReply } from "./dialect.ts";
import { refusal } from "./sendgrid-errors.ts";

export type Named = { email: string; name?: string };
export type Personalization = {
  from?: Named;
  to?: Named[];
  cc?: Named[];
  bcc?: Named[];
  subject?: string;
  headers?: Record<string, string>;
  substitutions?: Record<string, string>;
  custom_args?: Record<string, string>;
};
/** The body of POST /v3/mail/send, as far as anybody here reads it. */
export type Mail = {
  personalizations?: Personalization[];
  from?: Named;
  reply_to?: Named;
  reply_to_list?: Named[];
  subject?: string;
  content?: { type: string; value: string }[];
  attachments?: { content?: string; type?: string; filename?: string; disposition?: string; content_id?: string }[];
  headers?: Record<string, string>;
  categories?: string[];
  custom_args?: Record<string, string>;
  template_id?: string;
  mail_settings?: { sandbox_mode?: { enable?: boolean } };
  tracking_settings?: Record<string, { enable?: boolean }>;
};

export const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
export const listOf = <Item>(value: readonly Item[] | undefined): readonly Item[] =>
  Array.isArray(value) ? (value as readonly Item[]) : [];

const RESERVED =
  /^(?:x-sg-id|x-sg-eid|received|dkim-signature|content-type|content-transfer-encoding|to|from|subject|reply-to|cc|bcc)$/i;
const ADDRESS = /^[^\s@<>(),;:"]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const RECIPIENTS = 1_000;
const ARGUMENT_OCTETS = 10_000;

/** The first thing wrong with a mail, in the words of "Mail Send errors" (seen 2026-11-25); null where there is none. */
export function faultIn(mail: Mail): TwinReply | null {
  const all = listOf(mail.personalizations);
  if (all.length === 0) return refusal(400, "You must have at least one personalization.", "personalizations");
  for (const [n, one] of all.entries()) {
    const fault = faultInRecipients(one, n);
    if (fault) return fault;
    if (octetsOf({ ...mail.custom_args, ...one.custom_args }) >= ARGUMENT_OCTETS) {
      return refusal(400, "The custom_args total length must be less than 10000 bytes.", "custom_args");
    }
  }
  if (typeof mail.from?.email !== "string" || !ADDRESS.test(mail.from.email)) {
    return refusal(400, "The from email does not contain a valid address.", "from.email");
  }
  const hasSubject = typeof mail.subject === "string" && mail.subject !== "";
  if (!hasSubject && mail.template_id === undefined && !all.every(({ subject }) => subject)) {
    return refusal(
      400,
      "The subject is required. You can get around this requirement if you use a template with a subject defined or if every personalization has a subject defined.",
      "subject",
    );
  }
  return faultInContent(mail);
}

function faultInRecipients(one: Personalization, n: number): TwinReply | null {
  const at = `personalizations.${n}`;
  if (listOf(one.to).length === 0) {
    return refusal(
      400,
      "The to array is required for all personalization objects, and must have at least one email object with a valid email address.",
      `${at}.to`,
    );
  }
  const seen = new Set<string>();
  for (const list of ["to", "cc", "bcc"] as const) {
    for (const [m, recipient] of listOf(one[list]).entries()) {
      if (typeof recipient?.email !== "string" || !ADDRESS.test(recipient.email)) {
        return refusal(400, "Does not contain a valid address.", `${at}.${list}.${m}.email`);
      }
      const address = recipient.email.toLowerCase();
      if (seen.has(address)) {
        return refusal(
          400,
          `Each email address in the personalization block should be unique between to, cc, and bcc. We found the first duplicate instance of [${address}] in the ${at}.${list} field.`,
          at,
        );
      }
      seen.add(address);
    }
  }
  return seen.size > RECIPIENTS
    ? refusal(400, "There is a limit of 1000 total recipients (to + cc + bcc) per request.", "personalizations")
    : null;
}

function faultInContent(mail: Mail): TwinReply | null {
  const content = listOf(mail.content);
  if (content.length === 0 && mail.template_id === undefined) {
    return refusal(400, "Unless a valid template_id is provided, the content parameter is required.", "content");
  }
  for (const [n, part] of content.entries()) {
    if (typeof part.value !== "string" || part.value === "") {
      const said = "The content value must be a string at least one character in length.";
      return refusal(400, said, `content.${n}.value`);
    }
    if (part.type === "text/plain" && n > 0) {
      const said = "If present, text/plain and text/html may only be provided once, text/plain first.";
      return refusal(400, said, "content");
    }
  }
  for (const [n, part] of listOf(mail.attachments).entries()) {
    if (!part.content || !BASE64.test(part.content)) {
      return refusal(400, "The attachment content must be base64 encoded.", `attachments.${n}.content`);
    }
    if (typeof part.filename !== "string") {
      return refusal(400, "The attachment filename parameter is required.", `attachments.${n}.filename`);
    }
  }
  for (const [name, value] of Object.entries(mail.headers ?? {})) {
    if (RESERVED.test(name)) {
      return refusal(400, `The headers field cannot contain the reserved header ${name}.`, "headers");
    }
    if (typeof value !== "string") return refusal(400, "Bad Request");
  }
  return null;
}

const octetsOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
