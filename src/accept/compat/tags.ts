/** What a tag's name may be: other characters become hyphens, and 64 are kept. */
export const tagName = (name: string): string => name.replace(/[^A-Za-z0-9_.-]/g, "-").slice(0, 64);

const VALUE_CHARACTERS = 256;

/** What a tag's value may be: one line of whole characters, 256 of them; what is no text is kept as JSON. */
export const tagValue = (value: unknown): string =>
  (typeof value === "string" ? value : (JSON.stringify(value) ?? ""))
    .replace(/\p{Cc}|[\u2028\u2029]/gu, " ")
    .toWellFormed()
    .slice(0, VALUE_CHARACTERS)
    .toWellFormed();
