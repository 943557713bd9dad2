/**
 * Header fields from values that were already checked for controls: folding (RFC 5322 §2.2.3), encoded words (RFC 2047),
 * parameters (RFC 2231). What comes out is ASCII, but for addresses that need SMTPUTF8 (RFC 6532).
 */

/** RFC 2047 §2: a line that holds an encoded word has at most 76 characters, an encoded word at most 75. */
const LINE_CHARACTERS = 76;
const WORD_OVERHEAD = "=?UTF-8?B??=".length;
/** 45 octets make 60 characters of base64, 72 with the rest of the word: it fits a line of its own. */
const WORD_OCTETS = 45;
/** Below RFC 5322's 998 with room for the name of the field. */
const LONGEST_TOKEN = 900;

const BEYOND_PRINTABLE = /[^\x20-\x7e]/;

/** `name: tokens` with a fold instead of the space wherever the line would get longer than 76. */
export function folded(name: string, tokens: readonly string[]): string {
  let field = `${name}:`;
  let column = field.length;
  for (const token of tokens) {
    // A first word that is too long stays beside the name all the same, unless RFC 2047 bounds its line.
    const isFirst = column === name.length + 1;
    const fits = column + 1 + token.length <= LINE_CHARACTERS || (isFirst && !token.startsWith("=?"));
    field += fits ? ` ${token}` : `\r\n ${token}`;
    column = (fits ? column : 0) + 1 + token.length;
  }
  return `${field}\r\n`;
}

/** Free text: subject and the fields a client may add. Text that ASCII or folding cannot carry becomes encoded words. */
export function unstructured(name: string, value: string): string {
  const text = value.trim();
  if (text === "") return `${name}: \r\n`;
  const tokens = tokensOf(text);
  return mustEncode(text, tokens) ? folded(name, encodedWords(text, name.length + 2)) : folded(name, tokens);
}

/** A blank run stays with the word before it, so that no folded line is blank alone. */
const tokensOf = (text: string): string[] => text.split(/ (?=[^ ])/);

/** `=?` in plain text would be decoded by the reader into something nobody wrote. */
const mustEncode = (text: string, tokens: readonly string[]): boolean =>
  BEYOND_PRINTABLE.test(text) || text.includes("=?") || tokens.some((token) => token.length > LONGEST_TOKEN);

/** The text as RFC 2047 words (B encoding, whole characters per word: §5 rule 3). `firstColumn`: what the first line already holds. */
export function encodedWords(text: string, firstColumn: number): string[] {
  const words: string[] = [];
  let chunk = "";
  let octets = 0;
  let room = Math.min(WORD_OCTETS, Math.floor((LINE_CHARACTERS - firstColumn - WORD_OVERHEAD) / 4) * 3);
  if (room < 12) room = WORD_OCTETS; // a very long name: its first word goes on the next line
  for (const character of text) {
    const size = Buffer.byteLength(character);
    if (octets + size > room) {
      words.push(encodedWord(chunk));
      chunk = "";
      octets = 0;
      room = WORD_OCTETS;
    }
    chunk += character;
    octets += size;
  }
  words.push(encodedWord(chunk));
  return words;
}

const encodedWord = (chunk: string): string => `=?UTF-8?B?${Buffer.from(chunk).toString("base64")}?=`;

/** A display name (RFC 5322 §3.2.5 phrase): atoms as they are, other ASCII quoted, the rest as encoded words. */
export function phrase(name: string, firstColumn: number): string[] {
  if (/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/.test(name) && !name.includes("=?")) {
    return name.split(" ");
  }
  if (BEYOND_PRINTABLE.test(name) || name.includes("=?") || name.length > 60) return encodedWords(name, firstColumn);
  return [`"${name.replace(/["\\]/g, "\\$&")}"`];
}

export type NamedAddress = { address: string; name: string | undefined };

/** An address list field: From, To, Cc, Reply-To. */
export function addressField(field: string, addresses: readonly NamedAddress[]): string {
  const tokens: string[] = [];
  addresses.forEach(({ address, name }, index) => {
    const comma = index === addresses.length - 1 ? "" : ",";
    if (name === undefined) tokens.push(address + comma);
    else tokens.push(...phrase(name, index === 0 ? field.length + 2 : 1), `<${address}>${comma}`);
  });
  return folded(field, tokens);
}

/** `; name="value"`, or RFC 2231 §4 where the value is more than plain ASCII. On a line of its own. */
export function parameter(name: string, value: string): string {
  if (!BEYOND_PRINTABLE.test(value) && value.length <= 60 && !value.includes("=?")) {
    return `;\r\n ${name}="${value.replace(/["\\]/g, "\\$&")}"`;
  }
  const percent = encodeURIComponent(value).replace(
    /['()*!]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const first = `${name}*=UTF-8''${percent}`;
  return first.length < LINE_CHARACTERS ? `;\r\n ${first}` : continued(name, percent);
}

/** RFC 2231 §4.1: a long value in numbered pieces; never within a `%XX`. */
function continued(name: string, percent: string): string {
  const pieces = `UTF-8''${percent}`.match(/(?:%[0-9A-F]{2}|[^%]){1,20}/g) ?? [];
  return pieces.map((piece, index) => `;\r\n ${name}*${index}*=${piece}`).join("");
}
