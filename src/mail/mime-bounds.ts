import type { Header } from "./header.ts";
import { headerValue, readHeader } from "./header.ts";

/** Bounds of structure: what a reader would have to follow to find everything in a message. */
export const MIME_DEPTH = 10;
export const MIME_PARTS = 100;
/**
 * Lines of parts that are not coded (base64, quoted-printable). Whoever takes a message apart keeps something of each: postal-mime
 * 4.0.0 some 2.5 KB, so that 10 MiB of nothing but line ends would take 10 GB.
 */
export const MIME_LINES = 50_000;

const NESTED_BOUNDS = { headerBytes: 64 * 1024, headerFields: 200 };

/**
 * True when the message nests deeper than MIME_DEPTH or has more parts than MIME_PARTS (RFC 2046 §5.1), or when it
 * cannot be told: a multipart without a readable boundary, a part with a broken header section that still says multipart.
 * Follows multipart and message/rfc822 by boundaries only; nothing is decoded.
 */
export function exceedsMimeBounds(raw: Buffer, header: Header): boolean {
  const { isTooMuch, codedLines } = walked(raw, header);
  return isTooMuch || hasTooManyLines(raw, codedLines);
}

/** Of a message that came another way than through a door, such as by mail to an address of ours. */
export function isTooMuchToRead(raw: Buffer): boolean {
  const header = readHeader(raw, NESTED_BOUNDS);
  return "bodyStart" in header ? exceedsMimeBounds(raw, header) : hasTooManyLines(raw, 0);
}

/** The lines alone: what shows odd messages as they are shows those too that two readers could read differently. */
export function exceedsLineBound(raw: Buffer): boolean {
  const header = readHeader(raw, NESTED_BOUNDS);
  return hasTooManyLines(raw, "bodyStart" in header ? walked(raw, header).codedLines : 0);
}

function walked(raw: Buffer, header: Header): { isTooMuch: boolean; codedLines: number } {
  const seen: Seen = { parts: 0, codedLines: 0, counts: raw.length > MIME_LINES };
  return { isTooMuch: tooMuch(raw, header, 1, seen), codedLines: seen.codedLines };
}

/** `counts`: it is long enough to have too many lines, so that those of coded parts are worth counting. */
type Seen = { parts: number; codedLines: number; counts: boolean };

const CODED = /^\s*(?:base64|quoted-printable)\s*$/i;

/** All lines but those of coded parts; what stands between parts counts too. */
function hasTooManyLines(raw: Buffer, codedLines: number): boolean {
  const most = MIME_LINES + codedLines;
  return raw.length > most && linesOf(raw, most + 1) > most;
}

function linesOf(raw: Buffer, most = raw.length): number {
  let count = 0;
  for (let at = raw.indexOf(LF); at !== -1 && count < most; at = raw.indexOf(LF, at + 1)) count += 1;
  return count;
}

function tooMuch(raw: Buffer, header: Header, depth: number, seen: Seen): boolean {
  const type = headerValue(header, "content-type") ?? "";
  if (/^message\/(?:rfc822|global)\b/i.test(type)) {
    return depth >= MIME_DEPTH || nested(raw.subarray(header.bodyStart), depth + 1, seen);
  }
  if (!/^multipart\//i.test(type)) {
    if (seen.counts && CODED.test(headerValue(header, "content-transfer-encoding") ?? ""))
      seen.codedLines += linesOf(raw);
    return false;
  }
  const boundary = boundaryOf(type);
  if (boundary === undefined || depth >= MIME_DEPTH) return true;
  for (const part of partsOf(raw.subarray(header.bodyStart), boundary)) {
    seen.parts += 1;
    if (seen.parts > MIME_PARTS || nested(part, depth + 1, seen)) return true;
  }
  return false;
}

function nested(part: Buffer, depth: number, seen: Seen): boolean {
  const header = readHeader(part, NESTED_BOUNDS);
  return "bodyStart" in header ? tooMuch(part, header, depth, seen) : claimsStructure(part);
}

/** A reader that is less strict than ours would find more parts in it, or not: nobody can say how many. */
function claimsStructure(part: Buffer): boolean {
  const end = part.indexOf("\r\n\r\n");
  const head = part.toString("latin1", 0, Math.min(end === -1 ? part.length : end, NESTED_BOUNDS.headerBytes * 2));
  // Two looks, not one pattern with a gap in it: that would read to the end again from each of ten thousand such lines.
  const from = head.search(/^content-type\s*:/im);
  return from !== -1 && /\b(?:multipart\/|message\/(?:rfc822|global))/i.test(head.slice(from));
}

const PARAMETER = /(?:\s*;)+\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/y;
/** RFC 2046 §5.1.1, without asking which marks: 1 to 70 visible characters or spaces, the last one no space. */
const BOUNDARY = /^[ -~]{0,69}[!-~]$/;

/** The one boundary of a Content-Type whose parameters can all be read (RFC 2045 §5.1); undefined where two readers might differ. */
function boundaryOf(type: string): string | undefined {
  const found: string[] = [];
  PARAMETER.lastIndex = type.indexOf(";");
  let end = PARAMETER.lastIndex;
  for (let match = PARAMETER.exec(type); match !== null; match = PARAMETER.exec(type)) {
    end = PARAMETER.lastIndex;
    if (match[1]!.toLowerCase() === "boundary") found.push(match[2]?.replaceAll(/\\(.)/g, "$1") ?? match[3]!);
  }
  const [boundary] = found;
  const readable = end !== -1 && /^[\s;]*$/.test(type.slice(end));
  return readable && found.length === 1 && BOUNDARY.test(boundary!) ? boundary : undefined;
}

/** The delimiter is a whole line: a boundary that begins with another one (`a`, `ab`) is none of its. */
function* partsOf(body: Buffer, boundary: string): Generator<Buffer> {
  const mark = Buffer.from(`--${boundary}`, "latin1");
  let start = -1;
  for (let at = body.indexOf(mark); at !== -1; at = body.indexOf(mark, at + mark.length)) {
    if (at !== 0 && body[at - 1] !== LF) continue;
    if (!MAY_FOLLOW.has(body[at + mark.length])) continue;
    const found = body.indexOf("\r\n", at);
    const lineEnd = found === -1 ? body.length : found;
    const rest = body
      .toString("latin1", at + mark.length, Math.min(lineEnd, at + mark.length + REST_OCTETS))
      .replace(/[ \t]+$/, "");
    if (rest !== "" && rest !== "--") continue;
    if (start !== -1) yield body.subarray(start, at);
    if (rest === "--" || found === -1) return;
    start = lineEnd + 2;
  }
  if (start !== -1) yield body.subarray(start);
}

const LF = 0x0a;
/** Octets that may follow a boundary in its delimiter: a blank, the end of the line, the dashes of the last one. */
const MAY_FOLLOW: ReadonlySet<number | undefined> = new Set([0x20, 0x09, 0x0d, 0x2d, undefined]);
/** Of a delimiter line, what is looked at after the boundary: longer padding is not written by anyone. */
const REST_OCTETS = 100;
