import { type MandrillError, validationError } from "./errors.ts";
import type { MandrillMessage, Vars } from "./shape.ts";

/** Values of merge variables for one recipient. */
export type ValuesFor = (email: string) => Record<string, unknown>;

/** Without one, whoever merges asked for nothing: merge tags stay as they are. */
export const isMerging = ({ merge, merge_vars: own, global_merge_vars: all }: MandrillMessage): boolean =>
  merge === true || (own?.length ?? 0) > 0 || (all?.length ?? 0) > 0;

/**
 * A recipient's own variables stand above those of all. In merge tags names are compared without regard to case, so one
 * replaces the other however it is written.
 */
export function valuesOf(message: MandrillMessage, language: string): ValuesFor | MandrillError {
  const all = message.global_merge_vars ?? [];
  const own = new Map<string, Vars>();
  for (const { rcpt, vars } of message.merge_vars ?? []) {
    const key = rcpt.trim().toLowerCase();
    own.set(key, [...(own.get(key) ?? []), ...vars]);
  }
  for (const { name } of [all, ...own.values()].flat()) {
    if (name.startsWith("_")) return validationError("A merge variable's name may not begin with an underscore.");
  }
  return (email) => valuesFrom([...all, ...(own.get(email.trim().toLowerCase()) ?? [])], language);
}

export function valuesFrom(vars: Vars, language: string): Record<string, unknown> {
  const values = Object.create(null) as Record<string, unknown>;
  for (const { name, content } of vars) values[language === "mailchimp" ? name.toUpperCase() : name] = content ?? null;
  return values;
}
