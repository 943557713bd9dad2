import { z } from "zod";
import { compileTemplate, fillRegions, problemText, renderTemplate } from "../../../templates/index.ts";
import type { Submitter } from "../../submission.ts";
import { templateRules } from "../../template-rules.ts";
import type { CompatParts } from "../compat.ts";
import { notSupported, unknownTemplate, validationError } from "./errors.ts";
import { contentShape, varsShape } from "./shape.ts";
import { regionsOf } from "./stored-draft.ts";
import { valuesFrom } from "./values.ts";

export const renderShape = z.looseObject({
  template_name: z.string(),
  template_content: contentShape,
  merge_vars: varsShape.nullish(),
});

/** templates/render: the HTML that comes of a template; without `merge_vars` its merge tags stay. Nothing is sent. */
export async function render(
  given: z.infer<typeof renderShape>,
  who: Submitter,
  { templates, tenants }: CompatParts,
): Promise<unknown> {
  const { template_name: name, template_content: content, merge_vars: vars } = given;
  const found = await templates.get(who.tenant, { name });
  if (!found) return unknownTemplate(name);
  const { html: source, fallbacks } = found.published ?? found.draft;
  const html = fillRegions(source ?? "", regionsOf(content));
  if (!vars) return { html };
  const rules = templateRules(tenants, who, undefined);
  if (rules.refuseRaw && html !== source)
    return notSupported("template_content, which is HTML, in a message of class C0");
  const compiled = compileTemplate({ html, subject: null, text: null }, { dialect: found.dialect, fallbacks });
  if (compiled.kind === "problems") return validationError(problemText(compiled.problems[0]!));
  const made = renderTemplate(compiled.template, valuesFrom(vars, found.dialect), rules);
  return made.kind === "rendered"
    ? { html: made.rendered.html ?? "" }
    : validationError(problemText(made.problems[0]!));
}
