const VARIABLE = /%recipient\.([A-Za-z0-9_.-]{1,256})%/g;
const DEPTH = 16;

/** A text with the recipient's values in the place of `%recipient.name%`; a value that is not given is empty. */
export const fill = (text: string, variables: object): string =>
  text.includes("%recipient.")
    ? text.replace(VARIABLE, (_, name: string) => valueAt(variables, name.split(".")))
    : text;

function valueAt(variables: object, path: readonly string[]): string {
  let at: unknown = variables;
  for (const step of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return "";
    at = (at as Record<string, unknown>)[step];
  }
  return typeof at === "string" || typeof at === "number" || typeof at === "boolean" ? String(at) : "";
}

/** All texts in a value of JSON. */
export function fillAll(value: unknown, variables: object, depth = 0): unknown {
  if (typeof value === "string") return fill(value, variables);
  if (typeof value !== "object" || value === null || depth > DEPTH) return value;
  if (Array.isArray(value)) return value.map((one) => fillAll(one, variables, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, fillAll(one, variables, depth + 1)]));
}
