/** Values a leaf is made of. Numbers are integers below 2^53, so that every reader writes them alike. */
export type LeafValue =
  | string
  | number
  | boolean
  | null
  | readonly LeafValue[]
  | { readonly [name: string]: LeafValue };

/**
 * RFC 8785 (JSON Canonicalization Scheme): members sorted by UTF-16 code units (§3.2.3), no spaces, ECMAScript forms of
 * numbers and strings (§3.2.2).
 * @throws Error for what has no JSON form (§3.2.2.3, §3.2.2.2): two readers would see two different leaves.
 */
export function canonicalJson(value: LeafValue): string {
  if (typeof value === "string") return canonicalString(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new Error(`a leaf cannot hold the number ${value}`);
    return JSON.stringify(value);
  }
  if (value === null || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members = value as { readonly [name: string]: LeafValue };
  return `{${Object.keys(members)
    .toSorted()
    .map((name) => `${canonicalString(name)}:${canonicalJson(members[name]!)}`)
    .join(",")}}`;
}

function canonicalString(text: string): string {
  if (!text.isWellFormed()) throw new Error("a leaf cannot hold half a surrogate pair");
  return JSON.stringify(text);
}
