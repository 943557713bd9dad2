import type { Template, TemplateStore, TemplateVersion } from "../../../templates/index.ts";

/** Names are kept in lower case there ("name will be down cased"); a template that was put by another door keeps its own. */
export const findTemplate = async (
  templates: Pick<TemplateStore, "get">,
  tenant: string,
  name: string,
): Promise<Template | null> =>
  (await templates.get(tenant, { name })) ?? (await templates.get(tenant, { name: name.toLowerCase() }));

/** What a version is called there. "": the empty one of a template that was made without content. */
export const tagOf = ({ label, number, html, text }: TemplateVersion): string =>
  label !== "" ? label : html === null && text === null ? "" : `v${number}`;

/** Those that can be seen. */
export async function versionsOf(
  templates: Pick<TemplateStore, "versions">,
  { tenant, uuid }: Pick<Template, "tenant" | "uuid">,
): Promise<TemplateVersion[]> {
  const all = (await templates.versions(tenant, { uuid })) ?? [];
  return all.filter((one) => tagOf(one) !== "");
}

export const versionCalled = async (
  templates: Pick<TemplateStore, "versions">,
  template: Pick<Template, "tenant" | "uuid">,
  tag: string,
): Promise<TemplateVersion | undefined> => (await versionsOf(templates, template)).find((one) => tagOf(one) === tag);
