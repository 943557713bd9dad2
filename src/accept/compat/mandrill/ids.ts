import { type SpoolId, isUuid } from "../../../kernel/index.ts";

/** Ids there are 32 hexadecimal digits: ours without its hyphens. */
export const idThere = (spoolId: string): string => spoolId.replaceAll("-", "");
export function idHere(id: string): SpoolId | null {
  const text = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5").toLowerCase();
  return isUuid(text) ? (text as SpoolId) : null;
}
