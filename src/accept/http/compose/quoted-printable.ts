/** Content transfer encodings (RFC 2045 §6.7, §6.8): ASCII only, no line above 76 characters, no line that a mail server could misread. */

export const LINE_CHARACTERS = 76;

const SPACE = 0x20;
const TAB = 0x09;
const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;
const EQUALS = 0x3d;
const HEX = Buffer.from("0123456789ABCDEF");

/** 1 for octets that stand for themselves: printable ASCII except `=`, and the two blanks (RFC 2045 §6.7 rules 2 and 3). */
const LITERAL = new Uint8Array(256);
for (let octet = 33; octet <= 126; octet += 1) LITERAL[octet] = octet === EQUALS ? 0 : 1;
LITERAL[SPACE] = 1;
LITERAL[TAB] = 1;

/**
 * Quoted-printable of text whose lines end in CRLF.
 * A dot or a `From ` at the start of a line is encoded too: dot-stuffing and mailbox files then have nothing to change,
 * so the text arrives as it was signed.
 */
export function quotedPrintable(text: Buffer): Buffer {
  const encoded = Buffer.allocUnsafe(greatestSize(text.length));
  let size = 0;
  let column = 0;
  for (let at = 0; at < text.length; at += 1) {
    const octet = text[at]!;
    if (octet === CR && text[at + 1] === LF) {
      encoded[size++] = CR;
      encoded[size++] = LF;
      at += 1;
      column = 0;
      continue;
    }
    const literal =
      LITERAL[octet] === 1 && !(isBlank(octet) && endsLine(text, at)) && !(column === 0 && misread(text, at));
    // One column stays free for the `=` of a soft line break (rule 5).
    if (column + (literal ? 1 : 3) > LINE_CHARACTERS - 1) {
      encoded[size++] = EQUALS;
      encoded[size++] = CR;
      encoded[size++] = LF;
      column = 0;
      at -= 1; // the octet is looked at again as the first of its line
      continue;
    }
    if (literal) {
      encoded[size++] = octet;
      column += 1;
    } else {
      encoded[size++] = EQUALS;
      encoded[size++] = HEX[octet >> 4]!;
      encoded[size++] = HEX[octet & 15]!;
      column += 3;
    }
  }
  return encoded.subarray(0, size);
}

/** Every octet as three, and a soft break after each 72 of them at the earliest. */
const greatestSize = (octets: number): number => octets * 3 + (Math.ceil((octets * 3) / 72) + 1) * 3;

const isBlank = (octet: number): boolean => octet === SPACE || octet === TAB;
const endsLine = (text: Buffer, at: number): boolean => at + 1 === text.length || text[at + 1] === CR;
const FROM = Buffer.from("From ");
const misread = (text: Buffer, at: number): boolean =>
  text[at] === DOT || (text[at] === FROM[0] && text.subarray(at, at + FROM.length).equals(FROM));

/** Base64 in lines of 76, each ended by CRLF. */
export function base64Lines(octets: Buffer): Buffer {
  const plain = Buffer.from(octets.toString("base64"), "latin1");
  const lines = Math.ceil(plain.length / LINE_CHARACTERS);
  const wrapped = Buffer.allocUnsafe(plain.length + lines * 2);
  let size = 0;
  for (let at = 0; at < plain.length; at += LINE_CHARACTERS) {
    size += plain.copy(wrapped, size, at, at + LINE_CHARACTERS);
    wrapped[size++] = CR;
    wrapped[size++] = LF;
  }
  return wrapped;
}
