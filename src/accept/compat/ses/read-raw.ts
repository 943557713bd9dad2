import type { Limits } from "../../../config/index.ts";
import { type Header, addressesOf, headerValue, parseMailbox, readHeader, rewriteHeader } from "../../../mail/index.ts";
import { rawContent } from "../../http/submit/read-raw.ts";
import type { Content } from "../../http/submit/read-message.ts";
import { strictBase64 } from "../../http/submit/text-values.ts";
import { fieldOf } from "./addresses.ts";
import { type SesError, badRequest, notSupported } from "./errors.ts";
import type { SendEmail } from "./shape.ts";
import { tagsOf } from "./tags.ts";

/**
 * SendEmail with a message in MIME text ("RawMessage"; developer guide, "Sending raw email" and "Header fields", seen
 * 2026-11-25). Fields X-SES-… are orders of the client to SES: they are obeyed, or refused by name, and end here. Where the
 * parameters name author or recipients, they stand above the message's fields. Line ends are made CR LF.
 */
export function readRaw(given: SendEmail, data: string, limits: Limits): Content | SesError {
  const octets = strictBase64(data.replace(/\s+/g, ""));
  if (octets === null) return badRequest("Content.Raw.Data must be base64.");
  const text = withLineEnds(octets);
  if (text.length > limits.messageBytes) {
    return badRequest(`Message length is more than ${limits.messageBytes} bytes long: ${text.length}.`);
  }
  const header = readHeader(text, limits);
  if ("code" in header) return badRequest(header.publicMessage);
  if (headerValue(header, "x-ses-list-management-options") !== undefined) {
    return notSupported("The header X-SES-LIST-MANAGEMENT-OPTIONS");
  }
  const author = authorOf(given, header);
  const replyTo = given.ReplyToAddresses?.length ? fieldOf("Reply-To", given.ReplyToAddresses) : { field: "" };
  if ("fault" in author) return badRequest(author.fault);
  if ("fault" in replyTo) return badRequest(replyTo.fault);
  const raw = rewriteHeader(text, header, {
    prepend: "",
    append: author.field + replyTo.field,
    drop: (name) =>
      name.startsWith("x-ses-") ||
      (name === "from" && author.field !== "") ||
      (name === "reply-to" && replyTo.field !== ""),
  });
  const envelope = envelopeOf(given, header);
  if (typeof envelope === "string") return badRequest(envelope);
  const stream = given.ConfigurationSetName ?? headerValue(header, "x-ses-configuration-set");
  const content = rawContent(raw, envelope.returnPath, envelope.recipients, stream, limits, {});
  if ("code" in content) return badRequest(content.detail);
  return { ...content, tags: tagsOf(orderedTags(header), given.EmailTags) };
}

/** One octet a character, so that nothing but line ends changes; most messages have them right. */
function withLineEnds(octets: Buffer): Buffer {
  const text = octets.toString("latin1");
  return /\r(?!\n)|(?<!\r)\n/.test(text) ? Buffer.from(text.replace(/\r\n|\r|\n/g, "\r\n"), "latin1") : octets;
}

/** The field From where FromEmailAddress says another author, or says a name; "" where the message's own stays. */
function authorOf({ FromEmailAddress: given }: SendEmail, header: Header): { field: string } | { fault: string } {
  if (!given) return { field: "" };
  const [own, ...others] = addressesOf(headerValue(header, "from") ?? "");
  const isSame = others.length === 0 && own?.toLowerCase() === given.trim().toLowerCase();
  return isSame ? { field: "" } : fieldOf("From", [given]);
}

function envelopeOf(given: SendEmail, header: Header) {
  const { ToAddresses, CcAddresses, BccAddresses } = given.Destination ?? {};
  const named = [...(ToAddresses ?? []), ...(CcAddresses ?? []), ...(BccAddresses ?? [])];
  const field = (name: string): string[] => addressesOf(headerValue(header, name) ?? "");
  const emails = named.length > 0 ? named.map((one) => addressesOf(one)[0] ?? one) : ["to", "cc", "bcc"].flatMap(field);
  const recipients = emails.flatMap((email) => parseMailbox(email) ?? []);
  if (recipients.length === 0) return "Missing required parameter Destination, and the message names no recipient.";
  if (recipients.length < emails.length)
    return "An address in Destination, or in the fields To, Cc and Bcc, is no mail address.";
  const sender =
    given.FeedbackForwardingEmailAddress ||
    field("return-path")[0] ||
    addressesOf(given.FromEmailAddress ?? "")[0] ||
    field("from")[0];
  const returnPath = sender === undefined ? null : parseMailbox(sender);
  if (returnPath === null) return "The author or FeedbackForwardingEmailAddress is no mail address.";
  return { returnPath, recipients };
}

/** `campaign=book, kind=welcome` */
function orderedTags(header: Header): { Name: string; Value: string }[] {
  return (headerValue(header, "x-ses-message-tags") ?? "").split(",").flatMap((pair) => {
    const [name, value] = pair.split("=");
    return name !== undefined && value !== undefined ? [{ Name: name.trim(), Value: value.trim() }] : [];
  });
}
