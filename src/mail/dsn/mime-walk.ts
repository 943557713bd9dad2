import { REPORT_BOUNDS } from "./bounds.ts";

/** Fields of a header section by lower-case name; of repeated ones the first, as readers show it. */
export type Fields = ReadonlyMap<string, string>;

/** One leaf of a report. `within` tells whether it stands in a returned message or is the report's own word. */
export type Part = { type: string; fields: Fields; text: string; within: "report" | "returned" };
export type Walked = { fields: Fields; type: string; parts: Part[] };

/**
 * Walks through a report for its leaves. Unlike the readers of mail that we accept, it takes what it gets: any line ends,
 * a leading mbox line, a multipart without its boundary (then its text is one leaf), types nobody knows.
 * Beyond REPORT_BOUNDS nothing is read. Never throws.
 */
export function walkReport(raw: Buffer): Walked {
  const text = raw
    .toString("latin1", 0, REPORT_BOUNDS.octets)
    .replaceAll("\r\n", "\n")
    .replaceAll("\r", "\n") // reports pass through systems of every age
    .replace(/^\n{1,10}/, "")
    .replace(/^>?From [^\n]{0,500}\n/, "");
  const { fields, body } = splitHeader(text);
  const parts: Part[] = [];
  descend(fields, body, 1, "report", parts);
  return { fields, type: typeOf(fields), parts };
}

function descend(fields: Fields, body: string, depth: number, within: Part["within"], found: Part[]): void {
  if (found.length >= REPORT_BOUNDS.parts) return;
  const type = typeOf(fields);
  if (depth < REPORT_BOUNDS.depth) {
    const inner = type.startsWith("multipart/") ? innerParts(fields, body) : [];
    for (const one of inner) {
      const nested = splitHeader(one);
      descend(nested.fields, nested.body, depth + 1, within, found);
    }
    if (inner.length > 0) return;
    if (type === "message/rfc822" || type === "message/global") {
      const nested = splitHeader(decoded(fields, body));
      found.push({ type, fields: nested.fields, text: "", within: "returned" });
      descend(nested.fields, nested.body, depth + 1, "returned", found);
      return;
    }
  }
  found.push({ type, fields, text: charactersOf(fields, decoded(fields, body)), within });
}

/** RFC 5322 §2.2, without complaint: a line that is no field ends the section as the empty line does. */
export function splitHeader(text: string): { fields: Fields; body: string } {
  const fields = new Map<string, string>();
  let at = 0;
  let last: string | null = null;
  for (let count = 0; at < text.length && count < REPORT_BOUNDS.headerFields * 10; count += 1) {
    const found = text.indexOf("\n", at);
    const end = found === -1 ? text.length : found;
    if (end === at) return { fields, body: text.slice(end + 1) };
    const line = text.slice(at, Math.min(end, at + 4_000));
    const colon = /^([!-9;-~]{1,80})[ \t]{0,10}:/.exec(line);
    if (/^[ \t]/.test(line) && last !== null) {
      const before = fields.get(last) ?? "";
      if (before.length < 20_000) fields.set(last, `${before} ${line.trim()}`);
    } else if (colon !== null) {
      const name = colon[1]!.toLowerCase();
      last = fields.has(name) || fields.size >= REPORT_BOUNDS.headerFields ? null : name;
      if (last !== null) fields.set(name, line.slice(colon[0].length).trim());
    } else if (!/^[ \t]/.test(line)) return { fields, body: text.slice(at) };
    at = end + 1;
  }
  return { fields, body: text.slice(at) };
}

export const typeOf = (fields: Fields): string =>
  (/^\s*([\w.+-]{1,60}\/[\w.+-]{1,60})/.exec(fields.get("content-type") ?? "")?.[1] ?? "text/plain").toLowerCase();

export function parameterOf(fields: Fields, name: string): string | null {
  const value = (fields.get("content-type") ?? "").slice(0, 2_000);
  for (const match of value.matchAll(/;\s*([\w-]{1,40})\s*=\s*(?:"([^"]{0,300})"|([^\s;"]{1,300}))/g)) {
    if (match[1]!.toLowerCase() === name) return match[2] ?? match[3]!;
  }
  return null;
}

/** RFC 2046 §5.1.1: what stands between the delimiter lines, without what is before the first one. */
function innerParts(fields: Fields, body: string): string[] {
  const boundary = parameterOf(fields, "boundary")?.trimEnd() ?? "";
  if (boundary === "") return [];
  const mark = `--${boundary}`;
  const parts: string[] = [];
  let start = -1;
  for (let at = body.indexOf(mark); at !== -1 && parts.length < REPORT_BOUNDS.parts;) {
    const after = at + mark.length;
    const found = body.indexOf("\n", after);
    const end = found === -1 ? body.length : found;
    const rest = body.slice(after, Math.min(end, after + 100)).trim();
    if ((at === 0 || body[at - 1] === "\n") && (rest === "" || rest === "--")) {
      if (start !== -1) parts.push(body.slice(start, Math.max(start, at - 1)));
      start = rest === "--" ? -1 : end + 1;
      if (rest === "--") return parts;
    }
    at = body.indexOf(mark, after);
  }
  if (start !== -1 && start < body.length) parts.push(body.slice(start));
  return parts;
}

function decoded(fields: Fields, body: string): string {
  const encoding = (fields.get("content-transfer-encoding") ?? "").trim().toLowerCase();
  if (encoding === "base64") return Buffer.from(body, "base64").toString("latin1").replaceAll("\r\n", "\n");
  if (encoding !== "quoted-printable") return body;
  return body
    .replace(/=[ \t]{0,20}\n/g, "")
    .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll("\r\n", "\n");
}

/** Octets as characters; of a character set that we do not know, each octet as one. */
function charactersOf(fields: Fields, octets: string): string {
  const charset = parameterOf(fields, "charset") ?? "utf-8";
  try {
    return new TextDecoder(charset).decode(Buffer.from(octets, "latin1"));
  } catch {
    return octets;
  }
}
