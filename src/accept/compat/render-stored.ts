import {
  type CompiledVersion,
  type Rendered,
  type TemplateProblem,
  type TemplateRef,
  type TemplateRules,
  type WhichVersion,
  NAME_FIELDS,
  renderTemplate,
} from "../../templates/index.ts";
import type { Submitter } from "../submission.ts";
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
  const made = renderTemplate(found.compiled, data, { ...rulesFor(tenants, who, streamName), ...rules });
  return made.kind === "rendered" ? { ...made, template: found.template } : made;
}

/** Secrets go out in mail that no value can turn into other mail (docs/templates.md, "Secrets"). */
export function rulesFor(
  tenants: CompatParts["tenants"],
  who: Submitter,
  streamName: string | undefined,
): TemplateRules {
  const tenant = tenants.find(who.tenant);
  const stream = tenant?.stream(streamName ?? tenant.credentialStream(who.credential) ?? undefined);
  return stream?.class === "C0" ? { refuseRaw: true, nameFields: NAME_FIELDS } : {};
}
