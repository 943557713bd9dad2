/** An HTML file another tool made, ready to be kept as a template, and what to know about it. */
export type Imported = { html: string; notes: string[] };

const CHECKS: readonly (readonly [RegExp, string])[] = [
  [/<mjml\b|<mj-(?:body|section)\b/i, "This is MJML, not what comes of it: run mjml first and import its output."],
  [
    /<script\b(?![^>]*application\/(?:ld\+)?json)/i,
    "It has a script. No mail program runs scripts; many filters refuse them.",
  ],
  [
    /<link\b[^>]*\bstylesheet\b|@import\b/i,
    "It loads a style sheet. Mail programs do not: put styles into the tags (React Email and MJML can).",
  ],
  [/<[a-z][^>]*\son[a-z]+\s*=/i, "It has event handlers (onclick …). No mail program runs them."],
  [
    /<(?:iframe|object|embed|form|video|audio)\b/i,
    "It has elements that mail programs do not show (iframe, form, video …).",
  ],
  [
    /\b(?:src|href)\s*=\s*["']?(?:\/(?!\/)|\.{1,2}\/|https?:\/\/(?:localhost|127\.0\.0\.1)\b)/i,
    "It leads to addresses of the machine it was made on (/static/…, localhost). Give whole addresses.",
  ],
  [/%7B%7B/i, "A placeholder in an address was percent-encoded (%7B%7B). Write it so that {{…}} stays as it is."],
];

/** `{{…}}` and `*|…|*`; comments and anything longer are left alone. */
const PLACEHOLDER = /\{\{\{?[^{}]{1,500}\}?\}\}|\*\|[^|*]{1,500}\|\*/g;
const ENTITIES: Readonly<Record<string, string>> = {
  "&quot;": '"',
  "&#x27;": "'",
  "&#39;": "'",
  "&apos;": "'",
  "&gt;": ">",
  "&lt;": "<",
  "&amp;": "&",
};

/**
 * Takes over the HTML that React Email or MJML writes. Conditional comments of Outlook and placeholders stay; what the tool
 * escaped within a placeholder is undone, since `{{#equals a &quot;b&quot;}}` asks for something else.
 */
export function importHtml(file: string): Imported {
  let undone = 0;
  const html = file.replace(/^\ufeff/, "").replace(PLACEHOLDER, (placeholder) =>
    placeholder.replace(/&(?:quot|#x27|#39|apos|gt|lt|amp);/g, (entity) => {
      undone += 1;
      return ENTITIES[entity]!;
    }),
  );
  const notes = CHECKS.flatMap(([pattern, note]) => (pattern.test(html) ? [note] : []));
  if (undone > 0) notes.push(`${undone} escaped characters within placeholders were put back.`);
  return { html, notes };
}
