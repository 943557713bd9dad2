import {
  type CompiledTemplate,
  type CompiledVersion,
  type TemplateProblem,
  compileTemplate,
  problemText,
  renderTemplate,
} from "../../../templates/index.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { templateRules } from "../../template-rules.ts";
import type { Fault } from "./dialect.ts";
import { mailFault } from "./field.ts";
import { type Personalization, type SendGridMail, streamOf } from "./read.ts";
import { type Sources, withSections } from "./sections.ts";
import { generationOf, refsOf } from "./template-ids.ts";
import { withSettings } from "./with-settings.ts";

export type Body = { subject: string; text: string | null; html: string | null };
/** What a personalization says, made anew each time: a thousand of them are never in memory at once. */
export type BodyMaker = (one: Personalization, n: number) => Body | Fault;

/** Reads the template, once for all personalizations. */
export async function bodyMaker(mail: SendGridMail, who: Submitter, parts: CompatParts): Promise<BodyMaker | Fault> {
  const { template_id: id } = mail;
  const found = id ? await findTemplate(id, who.tenant, parts) : null;
  if (id && !found)
    return mailFault("There is no template of this template_id that has an active version.", "template_id");
  const made = found && generationOf(found.template.dialect) === "dynamic" ? dynamic(found) : substituted(found);
  return (one, n) => {
    const body = made(mail, one, n, { who, parts });
    if ("errors" in body) return body;
    if (body.subject === "") {
      const around =
        "You can get around this requirement if you use a template with a subject defined or if every personalization has a subject defined.";
      return mailFault(`The subject is required. ${around}`, "subject");
    }
    return withSettings(body, mail);
  };
}

async function findTemplate(id: string, tenant: string, { templates }: CompatParts): Promise<CompiledVersion | null> {
  for (const ref of refsOf(id)) {
    const found = await templates.compiled(tenant, ref, "published");
    const { subject, html, text } = found?.version ?? {};
    if (found && (subject || html || text)) return found;
  }
  return null;
}

type Around = { who: Submitter; parts: CompatParts };
type Making = (mail: SendGridMail, one: Personalization, n: number, around: Around) => Body | Fault;

const subjectOf = (mail: SendGridMail, one: Personalization): string => one.subject ?? mail.subject ?? "";
const contentOf = ({ content }: SendGridMail, type: string): string | null =>
  content?.find((part) => part.type.split(";")[0]!.trim() === type)?.value ?? null;

/** A template with a subject and content goes before what the request says (docs.sendgrid.com/api-reference/mail-send). */
const dynamic =
  ({ compiled }: CompiledVersion): Making =>
  (mail, one, n, { who, parts }) => {
    if (Object.keys(one.substitutions ?? {}).length > 0)
      return mailFault("Substitutions may not be used with dynamic templating", `personalizations.${n}.substitutions`);
    const made = renderTemplate(compiled, one.dynamic_template_data ?? {}, rulesOf(mail, one, who, parts));
    if (made.kind === "problems") return unusable(made.problems[0]!, `personalizations.${n}.dynamic_template_data`);
    const { subject, html, text } = made.rendered;
    return { subject: subject || subjectOf(mail, one), html: html || null, text: text || null };
  };

/** The older way: texts of the request's choice are replaced, in its own content or in that of a legacy template. */
function substituted(found: CompiledVersion | null): Making {
  let last: { key: string; compiled: CompiledTemplate } | null = null;
  return (mail, one, n, { who, parts }) => {
    const given: Sources = {
      subject: subjectOf(mail, one),
      html: contentOf(mail, "text/html"),
      text: contentOf(mail, "text/plain"),
    };
    const substitutions = one.substitutions ?? {};
    const tags = Object.keys(substitutions);
    const plain = found ? inTemplate(found.version, given) : given;
    if (tags.length === 0 && !mail.sections) return bodyOf(plain);
    const at = `personalizations.${n}.substitutions`;
    const sources = withSections(plain, mail.sections ?? {}, substitutions);
    if (!sources) return mailFault("The sections make the message too large.", "sections");
    const key = JSON.stringify([sources, tags]);
    if (last?.key !== key) {
      const made = compileTemplate(sources, { dialect: "substitution", tags });
      if (made.kind === "problems") return unusable(made.problems[0]!, at);
      last = { key, compiled: made.template };
    }
    const made = renderTemplate(last.compiled, substitutions, rulesOf(mail, one, who, parts));
    return made.kind === "problems" ? unusable(made.problems[0]!, at) : bodyOf(made.rendered);
  };
}

/** Legacy templates have `<%subject%>` and `<%body%>` where those of the request go. */
function inTemplate(template: Sources, given: Sources): Sources {
  const fill = (source: string | null, body: string | null): string | null =>
    source
      ? source.replaceAll("<%subject%>", () => given.subject ?? "").replaceAll("<%body%>", () => body ?? "")
      : body;
  return {
    subject: fill(template.subject, given.subject),
    html: fill(template.html, given.html),
    text: fill(template.text, given.text),
  };
}

const bodyOf = ({ subject, html, text }: Sources): Body => ({ subject: subject ?? "", html, text });
const rulesOf = (mail: SendGridMail, one: Personalization, who: Submitter, { tenants }: CompatParts) =>
  templateRules(tenants, who, streamOf(mail, one));
const unusable = (problem: TemplateProblem, field: string): Fault =>
  mailFault(`The template cannot be used: ${problemText(problem)}`, field);
