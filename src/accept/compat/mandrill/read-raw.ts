import type { Limits } from "../../../config/index.ts";
import {
  type Header,
  type Mailbox,
  addressesOf,
  headerValue,
  parseMailbox,
  readHeader,
  rewriteHeader,
} from "../../../mail/index.ts";
import { addressField } from "../../http/compose/field.ts";
import type { Content } from "../../http/submit/read-message.ts";
import { rawContent } from "../../http/submit/read-raw.ts";
import { headerTextFault } from "../../http/submit/text-values.ts";
import { type MandrillError, errorOfProblem, isError, notSupported, validationError } from "./errors.ts";
import { labelsFor } from "./labels.ts";
import type { z } from "zod";
import type { sendRawShape } from "./shape.ts";

export type RawMail = {
  recipients: string[];
  contentFor(n: number): Content;
  ordered: { sendAt: string | undefined };
};

/** Said in a field of the message, as over Mandrill's SMTP; wishes to the provider have no effect (mandrillapp.com, "SMTP headers"). */
const WITHOUT_EFFECT = new Set([
  "x-mc-track",
  "x-mc-googleanalytics",
  "x-mc-googleanalyticscampaign",
  "x-mc-urlstripqs",
  "x-mc-preserverecipients",
  "x-mc-trackingdomain",
  "x-mc-signingdomain",
  "x-mc-subaccount",
  "x-mc-viewcontentlink",
  "x-mc-returnpathdomain",
  "x-mc-ippool",
  "x-mc-mergelanguage",
]);
const OBEYED = new Set(["x-mc-tags", "x-mc-metadata", "x-mc-sendat", "x-mc-important", "x-mc-bccaddress"]);
const isNo = (value: string): boolean => /^(?:|0|no|false|off)$/i.test(value.trim());

/**
 * messages/send-raw: a message in MIME text. JSON text may have any line ends, and it is one message whatever is in it, so
 * they are made CR LF. Fields X-MC-… are orders to Mandrill: they are obeyed, or refused by name, and end here.
 */
export function readRaw(given: z.infer<typeof sendRawShape>, limits: Limits): RawMail | MandrillError {
  const text = Buffer.from(given.raw_message.replace(/\r\n|\r|\n/g, "\r\n"));
  if (text.length > limits.messageBytes)
    return validationError(`The message is larger than ${limits.messageBytes} bytes.`);
  const header = readHeader(text, limits);
  if ("code" in header) return validationError(header.publicMessage);
  const field = (name: string): string[] => addressesOf(headerValue(header, name) ?? "");
  const author = field("from")[0];
  const orders = header.fields.filter(({ name }) => name.startsWith("x-mc-"));
  const unknown = orders.find(({ name, value }) => !OBEYED.has(name) && !WITHOUT_EFFECT.has(name) && !isNo(value));
  if (unknown) return notSupported(`The header ${unknown.name}`);

  const copy = headerValue(header, "x-mc-bccaddress");
  const emails = given.to?.length
    ? given.to.map((one) => addressesOf(one)[0] ?? one)
    : ["to", "cc", "bcc"].flatMap(field);
  const mailboxes = emails.flatMap((email) => parseMailbox(email) ?? []);
  const bcc = copy === undefined ? [] : [parseMailbox(copy)];
  if (mailboxes.length === 0 || mailboxes.length < emails.length || bcc.includes(null)) {
    return validationError("A recipient in `to`, or in the fields To, Cc and Bcc, is no mail address.");
  }
  const sender = given.from_email || author;
  const returnPath = sender === undefined ? null : parseMailbox(sender);
  if (returnPath === null) return validationError("`from_email`, or the field From, is no mail address.");
  const from = fromField(given, returnPath, author);
  if (isError(from)) return from;

  const isImportant = !isNo(headerValue(header, "x-mc-important") ?? "");
  const raw = rewriteHeader(text, header, {
    prepend: "",
    append: from + (isImportant ? "Importance: high\r\nX-Priority: 1\r\n" : ""),
    drop: (name) => name.startsWith("x-mc-") || (name === "from" && from !== ""),
  });
  const labels = orderedLabels(header);
  if (isError(labels)) return labels;
  const hidden = bcc.flatMap((one) => one ?? []);
  const contentFor = (n: number) => rawContent(raw, returnPath, [mailboxes[n]!, ...hidden], undefined, limits, {});
  const first = contentFor(0);
  if ("code" in first) return errorOfProblem(first);
  return {
    recipients: emails,
    contentFor: (n) => ({ ...(contentFor(n) as Content), ...labels }),
    ordered: { sendAt: headerValue(header, "x-mc-sendat") },
  };
}

/** The field From where the request says another author, or a name; "" where the message's own stays. */
function fromField(
  { from_name: name }: z.infer<typeof sendRawShape>,
  { address }: Mailbox,
  author: string | undefined,
): string | MandrillError {
  if (!name && address.toLowerCase() === author?.toLowerCase()) return "";
  if (name && headerTextFault(name) !== null) return validationError("`from_name` must be one line of text.");
  return addressField("From", [{ address, name: name?.trim() || undefined }]);
}

function orderedLabels(header: Header): { tags?: Record<string, string> } | MandrillError {
  const values = (wanted: string) => header.fields.filter(({ name }) => name === wanted).map(({ value }) => value);
  const tags = values("x-mc-tags").flatMap((value) => value.split(",").map((one) => one.trim()));
  const metadata: Record<string, unknown> = {};
  for (const value of values("x-mc-metadata")) {
    const read = jsonObject(value);
    if (read === null) return validationError("X-MC-Metadata must be a JSON object.");
    Object.assign(metadata, read);
  }
  const labels = labelsFor({ tags, metadata }, "", null);
  return Object.keys(labels).length > 0 ? { tags: labels } : {};
}

function jsonObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
