import { isUuid } from "../../../kernel/index.ts";
import type { TemplateRef } from "../../../templates/index.ts";

const isLegacy = (dialect: string): boolean => dialect === "substitution";
export const generationOf = (dialect: string): "legacy" | "dynamic" => (isLegacy(dialect) ? "legacy" : "dynamic");

/** Theirs begin with `d-` where the template is dynamic, and have no hyphens then. */
export const templateIdOf = ({ uuid, dialect }: { uuid: string; dialect: string }): string =>
  isLegacy(dialect) ? uuid : `d-${uuid.replaceAll("-", "")}`;

const HEX = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i;

/** Null: no id of a template of ours. */
export function uuidOf(id: string): string | null {
  const groups = HEX.exec(id.replace(/^d-/, ""));
  const uuid = groups?.slice(1).join("-").toLowerCase();
  return uuid !== undefined && isUuid(uuid) ? uuid : null;
}

/** Where a template is looked for. Its id at SendGrid may be an alias here, so that applications keep the ids they know. */
export function refsOf(id: string): TemplateRef[] {
  const uuid = uuidOf(id);
  return [...(uuid === null ? [] : [{ uuid }]), ...(id === "" ? [] : [{ name: id }])];
}
