import { fillRegions } from "../../../templates/index.ts";
import type { TemplateRules } from "../../../templates/index.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { type MandrillError, notSupported, unknownTemplate } from "./errors.ts";
import type { MandrillMessage } from "./shape.ts";
import { publishedFrom } from "./template-from.ts";
import type { Draft } from "./writing.ts";

export type Regions = readonly { name: string; content?: string | null | undefined }[];

/** A map of what is brought for the regions of a template. */
export const regionsOf = (given: Regions | null | undefined): Map<string, string> =>
  new Map((given ?? []).map(({ name, content }) => [name, content ?? ""]));

/**
 * A message made of a published template (messages/send-template): what the message says itself goes before what the
 * template has, and `template_content` into its regions. Merge tags are read in the language the template is written in,
 * unless the message names another.
 */
export async function storedDraft(
  name: string,
  regions: Map<string, string>,
  message: MandrillMessage,
  rules: TemplateRules,
  { who, templates }: { who: Submitter } & Pick<CompatParts, "templates">,
): Promise<Draft | MandrillError> {
  const found = await templates.compiled(who.tenant, { name }, "published");
  if (!found) return unknownTemplate(name);
  const { version, template } = found;
  const html = version.html === null ? null : fillRegions(version.html, regions);
  if (html !== version.html && rules.refuseRaw) {
    return notSupported("template_content, which is HTML, in a message of class C0");
  }
  const own = message.merge_language;
  const dialect =
    own && (template.dialect === "mailchimp" || template.dialect === "handlebars") ? own : template.dialect;
  const subject = message.subject ?? version.subject;
  const text = message.text ?? version.text;
  const isAsKept =
    dialect === template.dialect && html === version.html && subject === version.subject && text === version.text;
  const from = publishedFrom(template);
  return {
    subject,
    html,
    text,
    dialect,
    fallbacks: version.fallbacks,
    compiled: isAsKept ? found.compiled : null,
    from: { email: message.from_email ?? from.email, name: message.from_name ?? from.name },
    slug: template.name,
  };
}
