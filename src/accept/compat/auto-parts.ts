/** The parts that dialects make of each other on request (Mandrill's `auto_text` and `auto_html`, Mailgun's `t:text`). Both go through their text once. */

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };
const SILENT = new Set(["head", "style", "script", "title", "template"]);
const BREAKS = new Set(["p", "div", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"]);

/** Running text of HTML, with the addresses of its links. For reading, not for safety: it is sent as text/plain. */
export function textFromHtml(html: string): string {
  let text = "";
  let silent: string | null = null;
  let href: string | null = null;
  // Text, comments and tags take turns; what looks like none of them is text.
  for (const [piece] of html.matchAll(/<!--[\s\S]*?(?:-->|$)|<[^<>]*>|[^<]+|</g)) {
    const [, close, name] = /^<(\/?)([a-zA-Z][a-zA-Z0-9]*)/.exec(piece) ?? [];
    const tag = name?.toLowerCase();
    if (silent !== null) {
      if (close === "/" && tag === silent) silent = null;
    } else if (tag === undefined) {
      if (!piece.startsWith("<!")) text += withoutReferences(piece.replace(/\s+/g, " "));
    } else if (SILENT.has(tag)) {
      if (close === "") silent = tag;
    } else if (tag === "br") text += "\n";
    else if (tag === "li") text += close === "" ? "\n* " : "";
    else if (tag === "td" || tag === "th") text += close === "" ? "" : " ";
    else if (tag === "a" && close === "")
      href = /\shref\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(piece)?.slice(1).join("") ?? null;
    else if (tag === "a" && href !== null) {
      const address = withoutReferences(href);
      if (/^https?:/i.test(address) && !text.endsWith(address)) text += ` (${address})`;
      href = null;
    } else if (BREAKS.has(tag)) text += close === "" ? "\n" : "\n\n";
  }
  return text
    .split("\n")
    .map((line) => line.replace(/ {2,}/g, " ").trim())
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

const withoutReferences = (text: string): string =>
  text.replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return NAMED[String(name).toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal);
    return code > 31 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : "";
  });

/** Text as HTML: what would be markup is none. */
export const htmlFromText = (text: string): string =>
  `<p>${text
    .replace(/[&<>]/g, (char) => (char === "&" ? "&amp;" : char === "<" ? "&lt;" : "&gt;"))
    .replace(/\r\n|\r|\n/g, "<br>\n")}</p>`;
