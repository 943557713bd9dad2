import { problemText, renderMerge } from "../../../templates/index.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { renderStored } from "../render-stored.ts";
import { templateRules } from "../../template-rules.ts";
import { CODE, type Fault, fault } from "./dialect.ts";
import { type PostmarkEmail, type TemplatedEmail, streamHeaderOf } from "./read.ts";
import { streamOf } from "./streams.ts";
import { refOf } from "./template-ref.ts";

/** An email with the subject and bodies of its template, or of its own bodies as one (bulk). */
export async function withTemplate(
  email: TemplatedEmail,
  who: Submitter,
  parts: CompatParts,
): Promise<PostmarkEmail | Fault> {
  const { TemplateId, TemplateAlias, TemplateModel, ...rest } = email;
  const stream = streamHeaderOf(rest) ?? streamOf(rest.MessageStream, who, parts)?.name;
  const named = TemplateId ?? TemplateAlias;
  if (named === undefined || named === null) {
    const sources = { subject: rest.Subject ?? null, html: rest.HtmlBody ?? null, text: rest.TextBody ?? null };
    const rules = templateRules(parts.tenants, who, stream);
    const made = renderMerge(sources, { dialect: "mustachio" }, TemplateModel, rules);
    if (made.kind === "problems") return unusable(problemText(made.problems[0]!));
    return filled(rest, made.rendered);
  }
  const ref = await refOf(parts.templates, who.tenant, named);
  const made = await renderStored(parts, who, stream, ref, TemplateModel);
  if (made.kind === "not-found")
    return fault(422, CODE.templateNotFound, `The template ${String(named).slice(0, 128)} was not found.`);
  if (made.kind === "problems") return unusable(problemText(made.problems[0]!));
  return filled(rest, made.rendered);
}

const unusable = (why: string): Fault => fault(422, CODE.templateModel, `The template cannot be used: ${why}`);

const filled = (
  email: PostmarkEmail,
  { subject, html, text }: Record<"subject" | "html" | "text", string | null>,
): PostmarkEmail => ({ ...email, Subject: subject, HtmlBody: html, TextBody: text });
