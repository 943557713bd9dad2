/** Values a leaf is made of. Numbers are integers below 2^53, so that every reader writes them alike. */
export type LeafValue =
  | string
  | number
  | boolean
  | null
  | readonly LeafValue[]
  | { readonly [name: string]: LeafValue };

/** RFC 8785 (JSON Canonicalization Scheme): members sorted by UTF-16 code units, no spaces, ECMAScript number and string forms. */
export function canonicalJson(value: LeafValue): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members = value as { readonly [name: string]: LeafValue };
  return `{${Object.keys(members)
    .toSorted()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(members[name]!)}`)
    .join(",")}}`;
}
