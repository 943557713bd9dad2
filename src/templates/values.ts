/**
 * The only way to data: own, enumerable properties of plain objects that hold a value, no getters. Lists are gone through
 * by each and section, and tell their length; nothing else of them, and nothing of a prototype, can be reached.
 */
export function member(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return name === "length" ? value.length : undefined;
  if (!isPlain(value)) return undefined;
  const property = Object.getOwnPropertyDescriptor(value, name);
  return property?.enumerable === true && "value" in property ? (property.value as unknown) : undefined;
}

export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** As Handlebars and Mustachio have it: nothing, false, 0, "", an empty list. */
export const isTruthy = (value: unknown): boolean => Boolean(value) && !(Array.isArray(value) && value.length === 0);

export const isMissing = (value: unknown): value is null | undefined => value === undefined || value === null;

/** A value as text; null for what has none (lists, objects, whatever is no JSON). */
export function textOf(value: unknown): string | null {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      return Number.isFinite(value) ? String(value) : null;
    case "boolean":
      return String(value);
    default:
      return null;
  }
}

/** Names folded as Mailchimp compares them; the first of two that are the same counts. */
export function foldedNames(data: unknown): Record<string, unknown> {
  const folded: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  if (!isPlain(data)) return folded;
  for (const key of Object.keys(data)) {
    const name = key.toUpperCase();
    if (!Object.hasOwn(folded, name)) folded[name] = member(data, key);
  }
  return folded;
}
