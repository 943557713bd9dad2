import type { Header } from "./header.ts";
import { headerValue, readHeader } from "./header.ts";

/** Bounds of structure: what a reader would have to follow to find everything in a message. */
export const MIME_DEPTH = 10;
export const MIME_PARTS = 100;

const NESTED_BOUNDS = { headerBytes: 64 * 1024, headerFields: 200 };

/**
 * True when the message nests deeper than MIME_DEPTH or has more parts than MIME_PARTS (RFC 2046 §5.1).
 * Follows multipart and message/rfc822 by boundaries only; nothing is decoded.
 */
export function exceedsMimeBounds(raw: Buffer, header: Header): boolean {
  const seen = { parts: 0 };
  return tooMuch(raw, header, 1, seen);
}

function tooMuch(raw: Buffer, header: Header, depth: number, seen: { parts: number }): boolean {
  const type = headerValue(header, "content-type") ?? "";
  if (/^message\/(?:rfc822|global)\b/i.test(type)) {
    return depth >= MIME_DEPTH || nested(raw.subarray(header.bodyStart), depth + 1, seen);
  }
  const boundary = /^multipart\//i.test(type) ? boundaryOf(type) : undefined;
  if (boundary === undefined) return false;
  if (depth >= MIME_DEPTH) return true;
  for (const part of partsOf(raw.subarray(header.bodyStart), boundary)) {
    seen.parts += 1;
    if (seen.parts > MIME_PARTS || nested(part, depth + 1, seen)) return true;
  }
  return false;
}

function nested(part: Buffer, depth: number, seen: { parts: number }): boolean {
  const header = readHeader(part, NESTED_BOUNDS);
  return "bodyStart" in header ? tooMuch(part, header, depth, seen) : false;
}

function boundaryOf(type: string): string | undefined {
  const match = /;\s*boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(type);
  return match?.[1] ?? match?.[2];
}

function* partsOf(body: Buffer, boundary: string): Generator<Buffer> {
  const mark = Buffer.from(`--${boundary}`);
  let start = -1;
  for (let at = body.indexOf(mark); at !== -1; at = body.indexOf(mark, at + mark.length)) {
    if (at !== 0 && body[at - 1] !== 0x0a) continue;
    if (start !== -1) yield body.subarray(start, at);
    const lineEnd = body.indexOf("\r\n", at);
    if (lineEnd === -1 || body.toString("latin1", at + mark.length, at + mark.length + 2) === "--") return;
    start = lineEnd + 2;
  }
  if (start !== -1) yield body.subarray(start);
}
