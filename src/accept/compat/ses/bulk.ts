import type { CompatParts } from "../compat.ts";
import { templateRules } from "../../template-rules.ts";
import type { SesCall, SesOperation } from "./call.ts";
import { type SesError, badRequest, isSesError, notSupported } from "./errors.ts";
import { readSimple, streamIn, unsupported } from "./read.ts";
import { readJson } from "./read-json.ts";
import { submit } from "./send.ts";
import { type BulkEntry, type SendBulk, type Simple, sendBulkShape } from "./shape.ts";
import { tagsOf } from "./tags.ts";
import { type Data, dataOf, rendered, templateOf } from "./template.ts";

/** "You can send to up to 50 destinations in each call" (developer guide, "Using templates", seen 2026-11-25). */
const MOST_ENTRIES = 50;

type Result = { Status: string; MessageId?: string; Error?: string };

/**
 * SendBulkEmail: one message for each entry, of one template. What is wrong with all is an error of the call, before
 * anything is sent; what is wrong with one is told in its result, and the others go.
 */
export const sendBulk: SesOperation = {
  method: "POST",
  path: "outbound-bulk-emails",
  async handle(call, parts) {
    const given = readJson(sendBulkShape, call.json);
    if (isSesError(given)) return given;
    const cannot = unsupported(given);
    if (cannot !== null) return notSupported(cannot);
    if (given.BulkEmailEntries.length > MOST_ENTRIES) return badRequest(`At most ${MOST_ENTRIES} entries are taken.`);
    const { Template } = given.DefaultContent;
    const template = await templateOf(Template, call.who.tenant, parts);
    if (isSesError(template)) return template;
    const defaults = dataOf(Template.TemplateData, "DefaultContent.Template.TemplateData");
    if (isSesError(defaults)) return defaults;
    const results: Result[] = [];
    for (const [n, entry] of given.BulkEmailEntries.entries()) {
      const data = dataOfEntry(entry, defaults);
      const headers = headersOfEntry(entry, Template.Headers);
      // An entry's own fields may name another stream than the others go to.
      const rules = templateRules(parts.tenants, call.who, streamIn(given, headers));
      const mail = isSesError(data) ? data : rendered(template, data, rules);
      const simple = isSesError(mail) ? mail : { ...mail, Headers: headers, Attachments: Template.Attachments };
      const sent = isSesError(simple) ? simple : await sendOne(given, entry, simple, n, call, parts);
      results.push(isSesError(sent) ? failed(sent) : { Status: "SUCCESS", ...sent });
    }
    return { BulkEmailEntryResults: results };
  },
};

/** An entry's values stand above the default ones, name by name. */
function dataOfEntry(entry: BulkEntry, defaults: Data): Data | SesError {
  const text = entry.ReplacementEmailContent?.ReplacementTemplate?.ReplacementTemplateData;
  const own = dataOf(text, "ReplacementTemplateData");
  return isSesError(own) ? own : { ...defaults, ...own };
}

function headersOfEntry({ ReplacementHeaders: own }: BulkEntry, shared: Simple["Headers"]): Simple["Headers"] {
  const replaced = new Set((own ?? []).map(({ Name }) => Name.toLowerCase()));
  return [...(shared ?? []).filter(({ Name }) => !replaced.has(Name.toLowerCase())), ...(own ?? [])];
}

async function sendOne(
  given: SendBulk,
  entry: BulkEntry,
  simple: Simple,
  n: number,
  call: SesCall,
  parts: CompatParts,
): Promise<{ MessageId: string } | SesError> {
  const content = readSimple(
    { ...given, Destination: entry.Destination },
    simple,
    tagsOf(given.DefaultEmailTags, entry.ReplacementTags),
    parts,
  );
  return isSesError(content) ? content : submit(content, call, parts, `/${n}`);
}

/** "BulkEmailEntryResult" (API reference v2). */
const STATUSES: Readonly<Record<string, string>> = {
  BadRequestException: "INVALID_PARAMETER",
  NotFoundException: "CONFIGURATION_SET_NOT_FOUND",
  TooManyRequestsException: "ACCOUNT_THROTTLED",
  ServiceUnavailable: "TRANSIENT_FAILURE",
  InternalServiceErrorException: "TRANSIENT_FAILURE",
};
function failed({ type, message }: SesError): Result {
  const isStranger = message.startsWith("Email address is not verified");
  const Status = isStranger ? "MAIL_FROM_DOMAIN_NOT_VERIFIED" : (STATUSES[type] ?? "MESSAGE_REJECTED");
  return { Status, Error: message };
}
