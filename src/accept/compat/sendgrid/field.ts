import type { z } from "zod";
import type { ProblemDocument } from "../../http/problem.ts";
import type { Fault, SendGridError } from "./dialect.ts";
import type { SendGridMail } from "./read.ts";

/** Told at once. */
const MOST = 10;
/** Where each error is explained, as its clients are told. */
const HELP = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html#message.";

const plainPath = (field: string): string => field.replace(/\.\d+/g, "").replace(/\.email$/, "");
export const mailError = (message: string, field: string): SendGridError => ({
  message,
  field,
  help: `${HELP}${plainPath(field)}`,
});
export const mailFault = (message: string, field: string): Fault => ({
  status: 400,
  errors: [mailError(message, field)],
});

const NAMED = 'e.g. {"email": "example@example.com"} or {"email": "example@example.com", "name": "Example Recipient"}';
/** docs.sendgrid.com/api-reference/mail-send/errors (seen 2026-11-25): members that have to be there. */
const MISSING: Record<string, string> = {
  personalizations:
    "The personalizations field is required and must have at least one personalization, and at most 1000.",
  "personalizations.to":
    "The to array is required for all personalization objects, and must have at least one email object with a valid email address.",
  from: `The from object must be provided for every email send. It is an object that requires the email parameter, but may also contain a name parameter. ${NAMED}`,
  "content.value": "The content value must be a string at least one character in length.",
};

/** What the shape refuses. */
export function shapeFault(error: z.ZodError): Fault {
  const errors = error.issues.slice(0, MOST).map(({ path, message }) => {
    const field = path.map(String).join(".");
    return mailError(MISSING[plainPath(field)] ?? message, field);
  });
  return { status: 400, errors };
}

/** What our reader refuses of the message of personalization `n`, at the members a client of theirs wrote. */
export function contentErrors(problem: ProblemDocument, mail: SendGridMail, n: number): SendGridError[] {
  const faults = problem.errors ?? [{ pointer: "", detail: problem.detail }];
  return faults.slice(0, MOST).map((one) => {
    const field = fieldOf("pointer" in one ? (one.pointer ?? "") : "", mail, n);
    return mailError(messageOf(field, one.detail), field);
  });
}

function messageOf(field: string, detail: string): string {
  if (/^personalizations\.\d+\.(?:to|cc|bcc)\.\d+\.email$/.test(field)) return "Does not contain a valid address.";
  if (field.endsWith("from.email")) return "The from email does not contain a valid address.";
  if (field.startsWith("reply_to")) return "The reply_to email does not contain a valid address.";
  return `The ${field || "message"} ${detail}`;
}

const ATTACHMENT: Record<string, string> = { contentType: "type", contentId: "content_id" };

function fieldOf(pointer: string, mail: SendGridMail, n: number): string {
  const [member = "", place = "", ...rest] = pointer.split("/").slice(1);
  const own = mail.personalizations[n]!;
  const of = `personalizations.${n}`;
  switch (member) {
    case "from":
      return own.from ? `${of}.from.email` : "from.email";
    case "to":
    case "cc":
    case "bcc":
      return place === "" ? `${of}.to` : `${of}.${member}.${place}.email`;
    case "replyTo":
      return mail.reply_to ? "reply_to.email" : `reply_to_list.${place}.email`;
    case "subject":
      return own.subject ? `${of}.subject` : "subject";
    case "text":
    case "html": {
      const at = (mail.content ?? []).findIndex(({ type }) =>
        type.startsWith(member === "text" ? "text/plain" : "text/html"),
      );
      return at < 0 ? "content" : `content.${at}.value`;
    }
    case "headers": {
      const name = [place, ...rest].join("/").replaceAll("~1", "/").replaceAll("~0", "~");
      return own.headers && Object.hasOwn(own.headers, name) ? `${of}.headers.${name}` : `headers.${name}`;
    }
    case "attachments":
      return rest.length === 0 ? "attachments" : `attachments.${place}.${ATTACHMENT[rest[0]!] ?? rest[0]!}`;
    case "tags":
      return own.custom_args ? `${of}.custom_args` : "custom_args";
    case "sendAt":
      return own.send_at ? `${of}.send_at` : "send_at";
    default:
      return member === "" ? "content" : member;
  }
}
