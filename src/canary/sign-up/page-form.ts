/** A form as a page shows it, and what a browser would send with it without being asked. */
export type PageForm = {
  /** As written; null: to the page itself. */
  action: string | null;
  method: "GET" | "POST";
  /** Hidden fields: a token against forged requests is one of them. */
  hidden: Record<string, string>;
};

/** Tags that are looked at; whatever stands within comments and scripts is none. */
const SKIPPED = /<!--[\s\S]*?(?:-->|$)|<(script|style|template)\b[\s\S]*?(?:<\/\1|$)/gi;
const TAG = /<(\/?)(form|input|select|textarea|button)\b((?:[^>"']|"[^"]*"|'[^']*'){0,4000})>/gi;
const ATTRIBUTE = /([^\s=/"'>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g;

/**
 * The form of a page that has these fields. Pure.
 * @param wanted names of fields @returns what is wrong, as a sentence, where no form has them all
 */
export function formIn(html: string, wanted: readonly string[]): PageForm | string {
  const forms: { form: PageForm; names: Set<string> }[] = [];
  let open: (typeof forms)[number] | null = null;
  for (const [, close, tag = "", text = ""] of html.replaceAll(SKIPPED, "").matchAll(TAG)) {
    const attributes = attributesOf(text);
    if (tag.toLowerCase() === "form") {
      open = close === "" ? { form: formOf(attributes), names: new Set() } : null;
      if (open) forms.push(open);
      continue;
    }
    const name = attributes.get("name");
    if (close !== "" || !open || !name) continue;
    open.names.add(name);
    if (attributes.get("type")?.toLowerCase() === "hidden") open.form.hidden[name] = attributes.get("value") ?? "";
  }
  const right = forms.find(({ names }) => wanted.every((name) => names.has(name)));
  if (right) return right.form;
  if (forms.length === 0) return "The page has no form: one that a script makes cannot be filled in.";
  const most = forms.reduce((a, b) => (b.names.size > a.names.size ? b : a));
  const missing = wanted.filter((name) => !most.names.has(name));
  return `No form of the page has the field ${missing.join(", ")}; it has ${[...most.names].slice(0, 12).join(", ") || "none"}.`;
}

const formOf = (attributes: Map<string, string>): PageForm => ({
  action: attributes.get("action") || null,
  method: attributes.get("method")?.toUpperCase() === "POST" ? "POST" : "GET",
  hidden: {},
});

const attributesOf = (text: string): Map<string, string> =>
  new Map(
    [...text.matchAll(ATTRIBUTE)].map(([, name = "", double, single, bare]) => [
      name.toLowerCase(),
      unescaped(double ?? single ?? bare ?? ""),
    ]),
  );

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const unescaped = (text: string): string =>
  text.replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|lt|gt|quot|apos));/gi, (all, decimal, hex, name) => {
    if (name) return NAMED[(name as string).toLowerCase()]!;
    const code = Number.parseInt(decimal ?? hex, decimal ? 10 : 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
