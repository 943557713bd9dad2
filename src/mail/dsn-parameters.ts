import { parseMailbox } from "./address.ts";

/** DSN parameters of MAIL and RCPT, checked and in canonical form (RFC 3461). Null where the text is not one. */
export function parseReturn(text: string): "FULL" | "HDRS" | null {
  const upper = text.toUpperCase();
  return upper === "FULL" || upper === "HDRS" ? upper : null;
}

/** ENVID=xtext, at most 100 characters (RFC 3461 §4.4). */
export const parseEnvelopeId = (text: string): string | null => (text.length <= 100 && isXtext(text) ? text : null);

/** NOTIFY=NEVER or a list of SUCCESS, FAILURE, DELAY (RFC 3461 §4.1). */
export function parseNotify(text: string): string | null {
  const words = text.toUpperCase().split(",");
  if (words.length === 1 && words[0] === "NEVER") return "NEVER";
  return words.every((word) => word === "SUCCESS" || word === "FAILURE" || word === "DELAY") &&
    new Set(words).size === words.length
    ? words.join(",")
    : null;
}

/** ORCPT=type;xtext (RFC 3461 §4.2); for utf-8 the xtext form is RFC 6533 §3. */
export function parseOriginalRecipient(text: string): string | null {
  const match = /^([A-Za-z0-9-]{1,40});(.{1,500})$/.exec(text);
  return match && isXtext(match[2]!) ? `${match[1]!.toLowerCase()};${match[2]}` : null;
}

const isXtext = (text: string): boolean => /^(?:[!-*,-<>-~]|\+[0-9A-F]{2})+$/.test(text);

/** The angle-bracket path of MAIL or RCPT: a mailbox, or null-path for `<>`. Undefined where it is neither. */
export function parsePath(text: string) {
  if (!text.startsWith("<") || !text.endsWith(">")) return undefined;
  const inside = text.slice(1, -1);
  return inside === "" ? null : (parseMailbox(inside) ?? undefined);
}
