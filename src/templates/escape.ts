import type { ValueContext } from "./ast.ts";
import { schemeOf, unescapeHtml } from "./html/addresses.ts";

/** Schemes an address made of values may have. */
export const LINK_SCHEMES: ReadonlySet<string> = new Set(["http", "https", "mailto"]);

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char]!);
/** For values that come as HTML already, in an attribute: they cannot leave it, and their entities stay. */
const keepInAttribute = (text: string): string => text.replace(/[<>"']/g, (char) => ENTITIES[char]!);

const numeric = (char: string): string => `&#${char.codePointAt(0)!};`;
const percent = (char: string): string =>
  encodeURIComponent(char).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

/** Percent-encodes what no address may hold (RFC 3986 §2), and leaves what is encoded already. */
const asAddress = (text: string): string => text.trim().replace(/[^A-Za-z0-9\-._~:/?#@!$&()*+,;=%[\]]/gu, percent);
/** Percent-encodes what would end this value or begin another; triplets that are there stay. */
const asQueryValue = (text: string): string => text.replace(/%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~%]/gu, percent);

const CSS_VALUE = /^(?:[\w #%.,+-]*|(?:rgb|hsl)a?\([\d .,%/]*\)|https?:\/\/[\w\-.~:/?#@!$&*+,=%]*)$/;

/** A header field is one line; nothing in a value may begin another (RFC 5322 §2.2). */
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g;

const jsonText = (text: string): string =>
  JSON.stringify(text)
    .slice(1, -1)
    .replace(/[<>&'\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);

/**
 * A value as its place demands.
 * @param raw as it is in running text; kept inside its attribute elsewhere.
 * @returns null where no way of writing it would be safe.
 */
export function written(value: string, context: ValueContext, raw: boolean): string | null {
  const text = value.toWellFormed().replaceAll("\0", "");
  switch (context) {
    case "plain":
      return text;
    case "header":
      return text.replace(CONTROLS, " ");
    case "html-text":
      return raw ? text : escapeHtml(text);
    case "html-attribute":
      return raw ? keepInAttribute(text) : escapeHtml(text);
    case "html-unquoted":
      return text.replace(/[^A-Za-z0-9\-._]/gu, numeric);
    case "html-url":
      return (raw ? keepInAttribute : escapeHtml)(asAddress(text));
    case "html-url-value":
      return asQueryValue(text);
    case "html-css":
      return CSS_VALUE.test(text) ? text.replaceAll("&", "&amp;") : null;
    case "html-json":
      return jsonText(text);
  }
}

/** May an address that holds values be followed? One without a scheme goes nowhere else. */
export function isSafeAddress(attributeValue: string): boolean {
  const scheme = schemeOf(unescapeHtml(attributeValue));
  return scheme === null || LINK_SCHEMES.has(scheme);
}
