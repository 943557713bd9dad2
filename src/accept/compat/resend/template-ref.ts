import { isUuid } from "../../../kernel/index.ts";
import type { TemplateRef } from "../../../templates/index.ts";

/** Templates there are named by their id or their alias. */
export const refOf = (identifier: string): TemplateRef =>
  isUuid(identifier) ? { uuid: identifier } : { name: identifier };
