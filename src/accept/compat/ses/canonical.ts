import { createHash } from "node:crypto";

/** A request as it came over the wire. Text is one character an octet (latin1), as Node gives it. */
export type WireRequest = {
  method: string;
  /** The request target: path and query, escaped as they were sent. */
  target: string;
  /** Name, value, name, value … in the order they came. */
  rawHeaders: readonly string[];
};

/**
 * The text both sides hash ("Create a signed AWS API request", step 1, AWS IAM User Guide, seen 2026-11-25), made of the
 * octets that came. Undefined where no such text can be made: a signed header is not there, an escape is broken.
 */
export function canonicalRequest(
  request: WireRequest,
  signedHeaders: readonly string[],
  payloadHash: string,
): string | undefined {
  const cut = request.target.indexOf("?");
  const path = cut === -1 ? request.target : request.target.slice(0, cut);
  const query = canonicalQuery(cut === -1 ? "" : request.target.slice(cut + 1));
  const fields: string[] = [];
  for (const name of signedHeaders) {
    const values = valuesOf(request, name);
    if (values.length === 0) return undefined;
    fields.push(`${name}:${values.join(",")}\n`);
  }
  if (query === undefined) return undefined;
  // "Each path segment must be URI-encoded twice (except for Amazon S3)": it came with the first of them.
  const uri = path.split("/").map(escaped).join("/");
  return `${request.method}\n${uri}\n${query}\n${fields.join("")}\n${signedHeaders.join(";")}\n${payloadHash}`;
}

/** All values of a field, in the order they came; blanks around them gone, runs of blanks as one. */
export function valuesOf({ rawHeaders }: Pick<WireRequest, "rawHeaders">, name: string): string[] {
  const values: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]!.toLowerCase() === name) values.push(rawHeaders[at + 1]!.trim().replace(/ {2,}/g, " "));
  }
  return values;
}

/** Names and values escaped anew from what they mean, sorted by name, then by value, in the order of their octets. */
function canonicalQuery(query: string): string | undefined {
  if (query === "") return "";
  const pairs: { name: string; value: string }[] = [];
  for (const pair of query.split("&")) {
    const at = pair.indexOf("=");
    const name = octetsOf(at === -1 ? pair : pair.slice(0, at));
    const value = octetsOf(at === -1 ? "" : pair.slice(at + 1));
    if (name === undefined || value === undefined) return undefined;
    pairs.push({ name: escaped(name), value: escaped(value) });
  }
  const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return pairs
    .toSorted((a, b) => order(a.name, b.name) || order(a.value, b.value))
    .map(({ name, value }) => `${name}=${value}`)
    .join("&");
}

/** What an escaped text stands for; undefined where a % is followed by no octet. */
function octetsOf(text: string): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** RFC 3986 §2.3: only the unreserved characters stand for themselves. */
const escaped = (octets: string): string =>
  octets.replace(
    // oxlint-disable-next-line no-control-regex
    /[^A-Za-z0-9._~-]/g,
    (octet) => `%${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );

/** Of octets, or of text that is one character an octet. */
export const sha256 = (value: Buffer | string): string =>
  createHash("sha256")
    .update(typeof value === "string" ? Buffer.from(value, "latin1") : value)
    .digest("hex");
