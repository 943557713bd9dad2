/** Text that is HTML already. Only `html` makes it, so that a plain string can never slip into a page. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}

export type HtmlPart = Html | string | number | null | false | readonly HtmlPart[];

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
/** Safe as text and inside a quoted attribute. */
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => ESCAPES[char]!);

/** A piece of a page. Every value is escaped, except what `html` itself made; attributes must be written in quotes. */
export const html = (strings: TemplateStringsArray, ...values: HtmlPart[]): Html =>
  new Html(strings.reduce((page, piece, index) => page + partText(values[index - 1] ?? null) + piece));

function partText(part: HtmlPart): string {
  if (part instanceof Html) return part.text;
  if (part === null || part === false) return "";
  if (typeof part === "object") return part.map(partText).join("");
  return escapeHtml(String(part));
}
