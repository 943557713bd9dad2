import {
  type CompiledVersion,
  type Rendered,
  type TemplateProblem,
  type TemplateRef,
  type TemplateRules,
  type WhichVersion,
  renderTemplate,
} from "../../templates/index.ts";
import type { Submitter } from "../submission.ts";
import { templateRules } from "../template-rules.ts";
import type { CompatParts } from "./compat.ts";

export type StoredRendering =
  | { kind: "rendered"; rendered: Rendered; template: CompiledVersion["template"] }
  | { kind: "not-found" }
  | { kind: "problems"; problems: readonly TemplateProblem[] };

/** A stored template with values, under the rules of the class its message will have. */
export async function renderStored(
  { templates, tenants }: Pick<CompatParts, "templates" | "tenants">,
  who: Submitter,
  streamName: string | undefined,
  ref: TemplateRef,
  data: unknown,
  rules: TemplateRules = {},
  which: WhichVersion = "published",
): Promise<StoredRendering> {
  const found = await templates.compiled(who.tenant, ref, which);
  if (!found) return { kind: "not-found" };
  const made = renderTemplate(found.compiled, data, { ...templateRules(tenants, who, streamName), ...rules });
  return made.kind === "rendered" ? { ...made, template: found.template } : made;
}
