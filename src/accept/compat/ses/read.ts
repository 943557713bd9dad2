import { decodeWords } from "postal-mime";
import type { MessageJson } from "../../http/submit/message-schema.ts";
import { type Content, readMessage } from "../../http/submit/read-message.ts";
import type { CompatParts } from "../compat.ts";
import { mediaTypeOf } from "../media-type.ts";
import { present } from "../present.ts";
import { mailboxOf } from "./addresses.ts";
import { type SesError, badRequest, notSupported } from "./errors.ts";
import { readRaw } from "./read-raw.ts";
import type { SendEmail, Simple } from "./shape.ts";
import { tagsOf } from "./tags.ts";

/** One SendEmail as text and envelope. */
export function readEmail(given: SendEmail, parts: CompatParts): Content | SesError {
  const cannot = unsupported(given);
  if (cannot !== null) return notSupported(cannot);
  const { Raw, Simple, Template } = given.Content;
  if ([Raw, Simple, Template].filter((one) => one !== undefined && one !== null).length !== 1) {
    return badRequest("Content must hold exactly one of Raw, Simple and Template.");
  }
  if (Raw) return readRaw(given, Raw.Data, parts.limits);
  if (!Simple) return notSupported("Content.Template");
  return readSimple(given, Simple, tagsOf(given.EmailTags), parts);
}

/** A member that would change what is sent and cannot be acted on here; null: all can. */
export function unsupported(
  given: Pick<SendEmail, "EndpointId" | "TenantName" | "ListManagementOptions" | "ConfigurationOverrides">,
): string | null {
  if (given.ListManagementOptions) return "ListManagementOptions"; // contact lists are not kept here
  if (given.ConfigurationOverrides) return "ConfigurationOverrides";
  if (given.EndpointId) return "EndpointId";
  if (given.TenantName) return "TenantName";
  return null;
}

/** Whom and from whom, as every kind of content but Raw says it. */
type Envelope = Pick<
  SendEmail,
  "FromEmailAddress" | "Destination" | "ReplyToAddresses" | "FeedbackForwardingEmailAddress" | "ConfigurationSetName"
>;

export function readSimple(
  given: Envelope,
  simple: Simple,
  tags: Record<string, string>,
  { random }: Pick<CompatParts, "random">,
): Content | SesError {
  if (!given.FromEmailAddress) return badRequest("Missing required parameter FromEmailAddress.");
  const headers = headersOf(simple.Headers);
  if (typeof headers === "string") return badRequest(headers);
  const described = simple.Attachments?.find((one) => one.ContentDescription);
  if (described) return notSupported("Attachments.ContentDescription");
  const json: MessageJson = {
    from: mailboxOf(given.FromEmailAddress),
    to: (given.Destination?.ToAddresses ?? []).map(mailboxOf),
    cc: (given.Destination?.CcAddresses ?? []).map(mailboxOf),
    bcc: (given.Destination?.BccAddresses ?? []).map(mailboxOf),
    replyTo: (given.ReplyToAddresses ?? []).map(mailboxOf),
    subject: decodeWords(simple.Subject.Data),
    ...present("text", simple.Body.Text?.Data),
    ...present("html", simple.Body.Html?.Data),
    headers: headers.fields,
    attachments: (simple.Attachments ?? []).map((one) => ({
      filename: one.FileName,
      contentType: one.ContentType || mediaTypeOf(one.FileName),
      content: one.RawContent,
      disposition: one.ContentDisposition === "INLINE" ? ("inline" as const) : ("attachment" as const),
      ...present("contentId", one.ContentId),
    })),
    tags,
    ...present("stream", given.ConfigurationSetName ?? headers.stream),
    ...(given.FeedbackForwardingEmailAddress ? { envelope: { returnPath: given.FeedbackForwardingEmailAddress } } : {}),
  };
  const content = readMessage(json, random);
  return "code" in content ? badRequest(content.detail) : content;
}

function headersOf(given: Simple["Headers"]): { fields: Record<string, string>; stream: string | undefined } | string {
  const fields = new Map<string, string>();
  let stream: string | undefined;
  for (const { Name, Value } of given ?? []) {
    const lower = Name.toLowerCase();
    if (lower.startsWith("x-ses-"))
      return `The header ${lower.slice(0, 64)} is not supported by this server (Postern): give the parameter of the request.`;
    if (lower === "x-postern-stream") stream = Value;
    else if (fields.has(Name)) return `The header ${lower.slice(0, 64)} is there twice.`;
    else fields.set(Name, Value);
  }
  return { fields: Object.fromEntries(fields), stream };
}
