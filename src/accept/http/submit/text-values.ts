/** What may go into a header field. One octet too many here would let a client write fields of its own (header injection). */

// oxlint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/;

/** Why a text may not stand in a header field, or null. */
export function headerTextFault(text: string): string | null {
  if (CONTROL.test(text)) return "must not hold line breaks or other control characters.";
  return wellFormedFault(text);
}

/** Why a text may not stand in a body, or null. Line breaks of any kind are welcome there. */
export function bodyTextFault(text: string): string | null {
  if (text.includes("\0")) return "must not hold NUL characters.";
  return wellFormedFault(text);
}

/** Half a surrogate pair has no UTF-8: it would silently become another character. */
const wellFormedFault = (text: string): string | null =>
  text.isWellFormed() ? null : "must be whole Unicode text; it holds half of a surrogate pair.";

/** Octets of strict base64 (RFC 4648 §4), or null. Node skips what is no base64; the length tells. */
export function strictBase64(text: string): Buffer | null {
  if (text.length % 4 !== 0) return null;
  const octets = Buffer.from(text, "base64");
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return octets.length === (text.length / 4) * 3 - padding ? octets : null;
}
