import { isAscii } from "node:buffer";

/** What is wrong with the lines of a message; each is a way by which two servers could see two different messages. */
export type TextFault = "bare-cr" | "bare-lf" | "nul" | "line-too-long";

const CR = 0x0d;
const LF = 0x0a;

/**
 * Checks whole text: CRLF line ends only, no NUL, no line above `lineOctets` (RFC 5321 §2.3.8, §4.5.3.1.6; RFC 5322 §2.1.1).
 * Searches for each octet natively instead of looking at every one in JavaScript: 5 KB take some 4 µs.
 */
export function textFault(raw: Buffer, lineOctets: number): TextFault | null {
  if (raw.indexOf(0) !== -1) return "nul";
  let lineStart = 0;
  let cr = raw.indexOf(CR);
  for (;;) {
    const lf = raw.indexOf(LF, lineStart);
    if (lf === -1) break;
    if (lf === 0 || raw[lf - 1] !== CR) return "bare-lf";
    if (cr !== lf - 1) return "bare-cr"; // a CR came before the one that belongs to this LF
    if (lf - 1 - lineStart > lineOctets) return "line-too-long";
    lineStart = lf + 1;
    cr = raw.indexOf(CR, lineStart);
  }
  if (cr !== -1) return "bare-cr";
  return raw.length - lineStart > lineOctets ? "line-too-long" : null;
}

/** Any octet above 127. */
export const hasEightBit = (raw: Buffer): boolean => !isAscii(raw);

/** Doubles a leading dot of every line (RFC 5321 §4.5.2) and ends the text with CRLF; gives the pieces to write, without the final `.`. */
export function dotStuffed(raw: Buffer): Buffer {
  const endsWell = raw.length >= 2 && raw[raw.length - 2] === CR && raw[raw.length - 1] === LF;
  const body = endsWell || raw.length === 0 ? raw : Buffer.concat([raw, CRLF]);
  let found = body[0] === DOT ? 0 : nextStuffed(body, 0);
  if (found === -1) return body;
  const parts: Buffer[] = [];
  let from = 0;
  while (found !== -1) {
    parts.push(body.subarray(from, found), DOT_TEXT);
    from = found;
    found = nextStuffed(body, found);
  }
  parts.push(body.subarray(from));
  return Buffer.concat(parts);
}

const DOT = 0x2e;
const DOT_TEXT = Buffer.from(".");
const CRLF = Buffer.from("\r\n");
const LINE_DOT = Buffer.from("\r\n.");
function nextStuffed(body: Buffer, from: number): number {
  const at = body.indexOf(LINE_DOT, from);
  return at === -1 ? -1 : at + 2;
}
