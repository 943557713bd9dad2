import { decodeWords } from "postal-mime";
import type { MessageJson } from "../../http/submit/message-schema.ts";
import type { Content } from "../../http/submit/read-message.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { mediaTypeOf } from "../media-type.ts";
import { present } from "../present.ts";
import { templateRules } from "../../template-rules.ts";
import { readMessageThere } from "../read-message-there.ts";
import { mailboxOf } from "./addresses.ts";
import { type SesError, badRequest, isSesError, notSupported } from "./errors.ts";
import { readRaw } from "./read-raw.ts";
import type { SendEmail, Simple, TemplateGiven } from "./shape.ts";
import { tagsOf } from "./tags.ts";
import { dataOf, rendered, templateOf } from "./template.ts";

/** One SendEmail as text and envelope. */
export async function readEmail(given: SendEmail, who: Submitter, parts: CompatParts): Promise<Content | SesError> {
  const cannot = unsupported(given);
  if (cannot !== null) return notSupported(cannot);
  const { Raw, Simple, Template } = given.Content;
  if ([Raw, Simple, Template].filter((one) => one !== undefined && one !== null).length !== 1) {
    return badRequest("Content must hold exactly one of Raw, Simple and Template.");
  }
  if (Raw) return readRaw(given, Raw.Data, parts.limits);
  const simple = Simple
    ? // "You can specify non-ASCII characters in the subject line by using encoded-word syntax": values of templates are not.
      { ...Simple, Subject: { Data: decodeWords(Simple.Subject.Data) } }
    : await simpleOf(given, Template!, who, parts);
  return isSesError(simple) ? simple : readSimple(given, simple, tagsOf(given.EmailTags), parts);
}

/** A template with its values: from there on it is a message in fields. */
async function simpleOf(
  email: SendEmail,
  given: TemplateGiven,
  who: Submitter,
  parts: CompatParts,
): Promise<Simple | SesError> {
  const template = await templateOf(given, who.tenant, parts);
  if (isSesError(template)) return template;
  const data = dataOf(given.TemplateData, "TemplateData");
  if (isSesError(data)) return data;
  const mail = rendered(template, data, templateRules(parts.tenants, who, streamIn(email, given.Headers)));
  return isSesError(mail) ? mail : { ...mail, Headers: given.Headers, Attachments: given.Attachments };
}

/** Configuration sets are streams; our own header field names one as well. */
export const streamIn = (
  { ConfigurationSetName: name }: Pick<SendEmail, "ConfigurationSetName">,
  headers: Simple["Headers"],
): string | undefined => name ?? headers?.find(({ Name }) => Name.toLowerCase() === STREAM_FIELD)?.Value;
const STREAM_FIELD = "x-postern-stream";

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
    subject: simple.Subject.Data,
    ...present("text", simple.Body.Text?.Data),
    ...present("html", simple.Body.Html?.Data),
    headers,
    attachments: (simple.Attachments ?? []).map((one) => ({
      filename: one.FileName,
      contentType: one.ContentType || mediaTypeOf(one.FileName),
      content: one.RawContent,
      disposition: one.ContentDisposition === "INLINE" ? ("inline" as const) : ("attachment" as const),
      ...present("contentId", one.ContentId),
    })),
    tags,
    ...present("stream", streamIn(given, simple.Headers)),
    ...(given.FeedbackForwardingEmailAddress ? { envelope: { returnPath: given.FeedbackForwardingEmailAddress } } : {}),
  };
  const content = readMessageThere(json, random);
  return "code" in content ? badRequest(content.detail) : content;
}

function headersOf(given: Simple["Headers"]): Record<string, string> | string {
  const fields = new Map<string, string>();
  for (const { Name, Value } of given ?? []) {
    const lower = Name.toLowerCase();
    if (lower.startsWith("x-ses-"))
      return `The header ${lower.slice(0, 64)} is not supported by this server (Postern): give the parameter of the request.`;
    if (lower === STREAM_FIELD) continue;
    if (fields.has(Name)) return `The header ${lower.slice(0, 64)} is there twice.`;
    else fields.set(Name, Value);
  }
  return Object.fromEntries(fields);
}
