import { z } from "zod";
import { parseMailbox } from "../../../mail/index.ts";
import {
  type Dialect,
  type PutAnswer,
  type Template,
  type TemplateChange,
  problemText,
} from "../../../templates/index.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { seriesOf } from "./activity.ts";
import { type MandrillError, isError, mandrillError, unknownTemplate, validationError } from "./errors.ts";
import { TEMPLATE_LABEL } from "./labels.ts";
import { type From, draftFrom, fromChange } from "./template-from.ts";
import { slugOf, templateThere } from "./template-there.ts";

/** mandrillapp.com/api/docs/templates.html (seen 2026-11-25). */
export const templateShape = z.looseObject({
  name: z.string(),
  from_email: z.string().nullish(),
  from_name: z.string().nullish(),
  subject: z.string().nullish(),
  code: z.string().nullish(),
  text: z.string().nullish(),
  publish: z.boolean().nullish(),
  labels: z.array(z.string().max(100)).max(10).nullish(),
});
type Given = z.infer<typeof templateShape>;
export const nameShape = z.looseObject({ name: z.string() });
export const labelShape = z.looseObject({ label: z.string().nullish() });
type Named = z.infer<typeof nameShape>;

const invalidTemplate = (message: string): MandrillError => mandrillError("Invalid_Template", message);

/** The name of a template finds it as its slug does. */
const find = ({ templates }: CompatParts, who: Submitter, name: string): Promise<Template | null> =>
  templates.get(who.tenant, { name });

export async function addTemplate(given: Given, who: Submitter, parts: CompatParts): Promise<unknown> {
  const name = given.name.trim();
  const slug = slugOf(name);
  if (slug === "") return invalidTemplate("A template's name needs a letter or a digit.");
  if ((await find(parts, who, slug)) ?? (await find(parts, who, name))) {
    return invalidTemplate("A template with that name already exists.");
  }
  const change = changeOf(given, null);
  if (isError(change)) return change;
  const names = { displayName: name, aliases: name === slug ? [] : [name] };
  return answered(given.name, await parts.templates.put(who.tenant, { name: slug }, { ...change, ...names }));
}

export async function updateTemplate(given: Given, who: Submitter, parts: CompatParts): Promise<unknown> {
  const before = await find(parts, who, given.name);
  if (!before) return unknownTemplate(given.name);
  const change = changeOf(given, before);
  if (isError(change)) return change;
  return answered(given.name, await parts.templates.put(who.tenant, { uuid: before.uuid }, change));
}

export async function templateInfo({ name }: Named, who: Submitter, parts: CompatParts): Promise<unknown> {
  const found = await find(parts, who, name);
  return found ? templateThere(found) : unknownTemplate(name);
}

export async function publishTemplate({ name }: Named, who: Submitter, parts: CompatParts): Promise<unknown> {
  const before = await find(parts, who, name);
  if (!before) return unknownTemplate(name);
  const change = { ...fromChange(draftFrom(before), true, before), publish: true };
  return answered(name, await parts.templates.put(who.tenant, { uuid: before.uuid }, change));
}

export async function deleteTemplate({ name }: Named, who: Submitter, parts: CompatParts): Promise<unknown> {
  const before = await find(parts, who, name);
  if (!before || !(await parts.templates.remove(who.tenant, { uuid: before.uuid }))) return unknownTemplate(name);
  return templateThere(before);
}

/** A tenant keeps at most as many. */
const MOST = 1_000;
/** All their sources come with a list, and a tenant may keep more of them than an answer should hold. */
const LISTED_CHARACTERS = 8 * 1024 * 1024;
const TOO_LARGE = validationError(
  "The templates are too large for one list. Name a label, or read them one by one with templates/info.",
);
const sourceCharacters = ({ html, text }: Template["draft"]): number => (html?.length ?? 0) + (text?.length ?? 0);

export async function listTemplates(
  { label }: z.infer<typeof labelShape>,
  who: Submitter,
  { templates }: CompatParts,
): Promise<unknown> {
  const all = await templates.list(who.tenant, MOST, null);
  const listed: object[] = [];
  let characters = 0;
  for (const { uuid } of all.filter(({ labels }) => !label || labels.includes(label))) {
    const found = await templates.get(who.tenant, { uuid });
    if (!found) continue;
    characters += sourceCharacters(found.draft) + (found.published ? sourceCharacters(found.published) : 0);
    if (characters > LISTED_CHARACTERS) return TOO_LARGE;
    listed.push(templateThere(found));
  }
  return listed;
}

export async function templateTimeSeries({ name }: Named, who: Submitter, parts: CompatParts): Promise<unknown> {
  const found = await find(parts, who, name);
  if (!found) return unknownTemplate(name);
  return seriesOf({ tag: { name: TEMPLATE_LABEL, value: found.name } }, who, parts);
}

/** Members that are left out stay as they are. Without `publish: false` the change goes out. */
function changeOf(given: Given, before: Template | null): TemplateChange | MandrillError {
  const { from_email: email, from_name: name, subject, code, text, labels } = given;
  if (email && !parseMailbox(email)) return validationError("`from_email` is no mail address.");
  const publish = given.publish ?? true;
  const was: From = before ? draftFrom(before) : { email: null, name: null };
  const from: From = { email: email ?? was.email, name: name ?? was.name };
  const sources = {
    ...(subject === undefined ? {} : { subject }),
    ...(code === undefined ? {} : { html: code }),
    ...(text === undefined ? {} : { text }),
  };
  const dialect = languageOf({ ...(before?.draft ?? { subject: null, html: null, text: null }), ...sources }, before);
  if (before?.published && before.dialect !== dialect && !publish) {
    return invalidTemplate(
      "A draft may not change from merge tags to handlebars, or back: publish it with the change.",
    );
  }
  return {
    dialect,
    ...sources,
    ...fromChange(from, publish, before),
    ...(labels ? { labels } : {}),
    publish,
  };
}

/** Mandrill leaves it to each message in which language a template is read; here it is read once, so the text decides. */
function languageOf(
  { subject, html, text }: Record<"subject" | "html" | "text", string | null>,
  before: Template | null,
): Dialect {
  const all = [subject, html, text].join("\n");
  if (all.includes("*|")) return "mailchimp";
  if (all.includes("{{"))
    return before?.dialect === "resend" || before?.dialect === "mustachio" ? before.dialect : "handlebars";
  return before?.dialect ?? "mailchimp";
}

function answered(name: string, answer: PutAnswer): object {
  if (answer.kind === "stored") return templateThere(answer.template);
  if (answer.kind === "problems") return invalidTemplate(problemText(answer.problems[0]!));
  return answer.code === "template-not-found" ? unknownTemplate(name) : invalidTemplate(answer.detail);
}
