import type { TemplateRef, TemplateStore } from "../../../templates/index.ts";

/**
 * Templates there are named by a number or by their alias. One that was adopted from Postmark is called by the number it
 * had there, which is an alias of it here; others by ours.
 */
export async function refOf(
  templates: Pick<TemplateStore, "get">,
  tenant: string,
  idOrAlias: number | string,
): Promise<TemplateRef> {
  const name = String(idOrAlias);
  if (!/^\d{1,15}$/.test(name)) return { name };
  return (await templates.get(tenant, { name })) ? { name } : { id: Number(name) };
}
