import type { TemplateRef } from "../../../templates/index.ts";

/** Templates there are named by a number or by their alias. */
export const refOf = (idOrAlias: number | string): TemplateRef =>
  typeof idOrAlias === "number" || /^\d{1,15}$/.test(idOrAlias) ? { id: Number(idOrAlias) } : { name: idOrAlias };
