/**
 * The net under every log line: rooms never log secrets or recipients, and where one does, this stops it.
 * Values are cleaned by what they look like, fields by what they are called.
 */

/** Longest value shown. A cause with a whole SQL statement in it helps nobody at 3 a.m. */
export const LONGEST_VALUE = 1_000;
/** Looked at before cutting: an address that begins inside the shown part ends within 320 characters (RFC 5321 §4.5.3.1). */
const LOOKED_AT = LONGEST_VALUE + 400;

const SECRET_NAME = /passw|passphrase|api[-_]?key|authori[sz]ation|token|secret|cookie|private[-_]?key/i;
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

/** C0, DEL, C1, line and paragraph separators, and what steers text direction: a value must not draw on a terminal. */
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|[\ud800-\udfff]/gu;
/** One look that nearly every value passes without any work: nothing in it that one of the rules below would change. */
const SUSPICIOUS =
  // oxlint-disable-next-line no-control-regex
  /[@\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]|%40|whsec_|\b(?:bearer|basic) /i;

/** Keys known by their own shape, wherever they stand: webhook secrets, Authorization values, the password of a URL. */
const KEY_SHAPES = /whsec_[A-Za-z0-9+/=_-]+|\b(bearer|basic) +[A-Za-z0-9+/=._~-]{8,}|(\/\/)[^\s/@]+(?=@)/gi;

/** A string as it may stand in a log: cut, addresses and keys masked, controls written out. */
export function safeText(text: string): string {
  const long = text.length > LONGEST_VALUE;
  if (!long && !SUSPICIOUS.test(text)) return text;
  let safe = text.length > LOOKED_AT ? text.slice(0, LOOKED_AT) : text;
  safe = maskAddresses(
    safe.replace(KEY_SHAPES, (_all, scheme?: string, slashes?: string) =>
      scheme ? `${scheme} [secret]` : slashes ? `${slashes}[secret]` : "[secret]",
    ),
  );
  if (long) safe = `${safe.slice(0, LONGEST_VALUE - 1)}…`;
  return safe.replace(CONTROLS, escaped);
}

function escaped(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** What cannot be part of an address (RFC 5322 §3.4 without quoted strings, and what encloses one in a sentence or URL). */
const OUTSIDE = new Set(" \t\r\n<>()[]\\,;:\"'`&?=|{}");

/** `alice@example.com` becomes `a***@example.com`: who it was stays secret, which domain it was helps. */
function maskAddresses(text: string): string {
  let masked = "";
  let done = 0;
  for (let at = nextAt(text, 0); at !== -1; at = nextAt(text, at + 1)) {
    let start = at;
    while (start > done && !OUTSIDE.has(text[start - 1]!)) start -= 1;
    if (start === at) continue; // nothing before the sign: no address
    masked += `${text.slice(done, start)}${String.fromCodePoint(text.codePointAt(start)!)}***`;
    done = at;
  }
  return masked === "" ? text : masked + text.slice(done);
}

/** The next `@`, plain or as a URL writes it. */
function nextAt(text: string, from: number): number {
  const plain = text.indexOf("@", from);
  const encoded = text.indexOf("%40", from);
  return plain === -1 || (encoded !== -1 && encoded < plain) ? encoded : plain;
}
