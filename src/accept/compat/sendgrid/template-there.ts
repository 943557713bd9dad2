import type { Template, TemplateSummary, TemplateVersion } from "../../../templates/index.ts";

type Sources = Pick<TemplateVersion, "subject" | "html" | "text">;
import { generationOf, templateIdOf } from "./template-ids.ts";

/** 2021-04-28 13:12:46 */
export const instant = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace("T", " ");

/**
 * A version is edited there and keeps its id; here an edit makes a new one. What was edited carries the id it began with
 * in its label, before the name.
 */
const LABEL = /^sendgrid:([0-9a-f-]{36}) ([^]*)$/;
export const labelOf = (id: string, name: string): string => `sendgrid:${id} ${name}`;
export const versionIdOf = ({ uuid, label }: TemplateVersion): string => LABEL.exec(label)?.[1] ?? uuid;
export const versionNameOf = ({ label }: TemplateVersion): string => LABEL.exec(label)?.[2] ?? label;

/** A template there begins without a version, and may lose its last one: here that is one without any source. */
export const isBlank = ({ subject, html, text }: Sources): boolean => !subject && !html && !text;

/** Of two with one id the newer one counts. Newest first, as they come. */
export function versionsThere(versions: readonly TemplateVersion[]): TemplateVersion[] {
  const seen = new Set<string>();
  return versions.filter((one) => {
    if (isBlank(one) || seen.has(versionIdOf(one))) return false;
    seen.add(versionIdOf(one));
    return true;
  });
}

type Owner = Pick<Template, "uuid" | "dialect">;

export const versionInList = (owner: Owner, one: TemplateVersion, active: boolean): object => ({
  id: versionIdOf(one),
  template_id: templateIdOf(owner),
  active: active ? 1 : 0,
  name: versionNameOf(one),
  subject: one.subject ?? "",
  updated_at: instant(one.createdAt),
  generate_plain_content: false,
  editor: "code",
});
export const versionThere = (owner: Owner, one: TemplateVersion, active: boolean): object => ({
  ...versionInList(owner, one, active),
  html_content: one.html ?? "",
  plain_content: one.text ?? "",
  warnings: [],
});

export const templateThere = (
  one: Pick<TemplateSummary, "uuid" | "dialect" | "displayName" | "updatedAt">,
  versions: readonly object[],
): object => ({
  id: templateIdOf(one),
  name: one.displayName,
  generation: generationOf(one.dialect),
  updated_at: instant(one.updatedAt),
  versions,
});
