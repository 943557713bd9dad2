/**
 * Where in an HTML text one is: enough of the tokenizer of the HTML standard (§13.2.5) to know how a value that comes next
 * must be written. Conditional comments of Outlook (`<!--[if mso]>`) count as markup, because Outlook reads what is in them.
 */
export type HtmlState = {
  mode: Mode;
  /** Of the tag that is being read, or of the element whose raw text is; lower case. */
  element: string;
  closing: boolean;
  attribute: string;
  quote: '"' | "'" | "";
  /** What stood literally in the attribute so far; null where a value was among it. Its beginning is all that matters. */
  literal: string | null;
  /** Of a `script`: what its `type` says. */
  scriptType: string;
  /** In an address: which part of it comes next. */
  url: UrlPart | null;
  /** In an address: the scheme that stands there literally, "" where there is none for good; null while values decide it. */
  scheme: string | null;
};
export type UrlPart = "scheme" | "path" | "query" | "query-value";
export type Mode =
  | "data"
  | "tag-open"
  | "tag-name"
  | "before-attribute"
  | "attribute-name"
  | "after-attribute-name"
  | "before-value"
  | "value"
  | "comment"
  | "declaration"
  | "raw";

export const startState = (): HtmlState => ({
  mode: "data",
  element: "",
  closing: false,
  attribute: "",
  quote: "",
  literal: "",
  scriptType: "",
  url: null,
  scheme: null,
});

const URL_ATTRIBUTES: ReadonlySet<string> = new Set([
  "href",
  "src",
  "action",
  "formaction",
  "background",
  "cite",
  "poster",
  "longdesc",
  "data",
  "ping",
  "manifest",
  "xlink:href",
  "srcset",
  "usemap",
  "lowsrc",
  "dynsrc",
  "codebase",
  "classid",
]);
/** Elements whose content is text and no markup (HTML §13.2.6.2 ff.). */
const RAW_ELEMENTS: ReadonlySet<string> = new Set([
  "script",
  "style",
  "title",
  "textarea",
  "xmp",
  "iframe",
  "noembed",
  "noframes",
]);
const LITERAL_CHARACTERS = 200;

/** Told of what a reader of links and the compiler want to know. `at` is an offset in the text that is fed. */
export type HtmlListener = {
  urlOpen?(at: number): void;
  urlClose?(at: number): void;
  /** Characters of running text. */
  text?(from: number, to: number): void;
};

const isSpace = (char: string): boolean => /[\t\n\f\r ]/.test(char);

/** Goes on through literal text; changes `state`. */
export function feed(state: HtmlState, text: string, listener: HtmlListener = {}): void {
  let at = 0;
  while (at < text.length) at = step(state, text, at, listener);
}

/** One character, or several at once. @returns where to go on. */
function step(state: HtmlState, text: string, at: number, listener: HtmlListener): number {
  const char = text[at]!;
  switch (state.mode) {
    case "data": {
      const next = text.indexOf("<", at);
      const end = next === -1 ? text.length : next;
      if (end > at) listener.text?.(at, end);
      if (next === -1) return end;
      state.mode = "tag-open";
      return next + 1;
    }
    case "tag-open":
      return openTag(state, text, at);
    case "tag-name":
      if (isSpace(char) || char === "/") state.mode = "before-attribute";
      else if (char === ">") endTag(state);
      else state.element += char.toLowerCase();
      return at + 1;
    case "before-attribute":
      if (char === ">") endTag(state);
      else if (!isSpace(char) && char !== "/") {
        state.mode = "attribute-name";
        state.attribute = char.toLowerCase();
      }
      return at + 1;
    case "attribute-name":
      if (char === "=") beginValue(state);
      else if (isSpace(char)) state.mode = "after-attribute-name";
      else if (char === "/") state.mode = "before-attribute";
      else if (char === ">") endTag(state);
      else state.attribute += char.toLowerCase();
      return at + 1;
    case "after-attribute-name":
      if (char === "=") beginValue(state);
      else if (!isSpace(char)) {
        state.mode = "before-attribute";
        return at;
      }
      return at + 1;
    case "before-value":
      if (isSpace(char)) return at + 1;
      if (char === ">") {
        endTag(state);
        return at + 1;
      }
      state.mode = "value";
      state.quote = char === '"' || char === "'" ? char : "";
      if (state.quote !== "") at += 1;
      if (state.url !== null) listener.urlOpen?.(at);
      return at;
    case "value":
      return inValue(state, text, at, listener);
    case "comment": {
      const end = text.indexOf("-->", at);
      if (end === -1) return text.length;
      state.mode = "data";
      return end + 3;
    }
    case "declaration": {
      const end = text.indexOf(">", at);
      if (end === -1) return text.length;
      state.mode = "data";
      return end + 1;
    }
    case "raw": {
      const end = endOfRaw(state.element, text, at);
      if (end === -1) return text.length;
      state.mode = "tag-name";
      state.closing = true;
      state.element = "";
      return end + 2;
    }
  }
}

function openTag(state: HtmlState, text: string, at: number): number {
  const char = text[at]!;
  if (char === "!") {
    const rest = text.slice(at + 1, at + 200);
    const conditional = /^--\[if[^\]]*\]>/i.exec(rest);
    if (conditional) {
      state.mode = "data";
      return at + 1 + conditional[0].length;
    }
    if (!rest.startsWith("--")) {
      state.mode = "declaration";
      return at + 1;
    }
    const empty = /^--(?:-?>)/.exec(rest);
    state.mode = empty ? "data" : "comment";
    return at + 1 + (empty ? empty[0].length : 2);
  }
  if (char === "/") {
    if (/[a-zA-Z]/.test(text[at + 1] ?? "")) {
      beginTag(state, true);
      return at + 1;
    }
    state.mode = "declaration"; // HTML §13.2.5.7: a bogus comment, up to `>`
    return at + 1;
  }
  if (/[a-zA-Z]/.test(char)) {
    beginTag(state, false);
    return at;
  }
  state.mode = char === "?" ? "declaration" : "data";
  return at;
}

function beginTag(state: HtmlState, closing: boolean): void {
  Object.assign(state, { mode: "tag-name", closing, element: "", attribute: "", scriptType: "" });
}

function beginValue(state: HtmlState): void {
  state.mode = "before-value";
  state.literal = "";
  state.url = URL_ATTRIBUTES.has(state.attribute) ? "scheme" : null;
  state.scheme = null;
}

function endTag(state: HtmlState): void {
  const raw = !state.closing && RAW_ELEMENTS.has(state.element);
  state.mode = raw ? "raw" : "data";
  state.attribute = "";
  state.url = null;
}

function inValue(state: HtmlState, text: string, at: number, listener: HtmlListener): number {
  const char = text[at]!;
  const ends = state.quote === "" ? isSpace(char) || char === ">" : char === state.quote;
  if (!ends) {
    if (state.url !== null) {
      const next = nextPart(state.url, char);
      if (state.url === "scheme" && next !== "scheme" && state.literal !== null) {
        state.scheme = char === ":" ? state.literal.trim().toLowerCase() : "";
      }
      state.url = next;
    }
    if (state.literal !== null && state.literal.length < LITERAL_CHARACTERS) state.literal += char;
    return at + 1;
  }
  if (state.url !== null) listener.urlClose?.(at);
  if (state.element === "script" && state.attribute === "type") state.scriptType = (state.literal ?? "").toLowerCase();
  state.url = null;
  state.quote = "";
  if (char === ">") endTag(state);
  else state.mode = "before-attribute";
  return at + 1;
}

function nextPart(part: UrlPart, char: string): UrlPart {
  if (char === "?" || char === "#") return "query";
  if (part === "query" || part === "query-value") return char === "=" ? "query-value" : "query";
  return part === "scheme" && (char === ":" || char === "/") ? "path" : part;
}

/** Where `</element` begins; the element ends nowhere else. */
function endOfRaw(element: string, text: string, from: number): number {
  const end = new RegExp(`</${element}(?=[\\s/>])`, "gi");
  end.lastIndex = from;
  return end.exec(text)?.index ?? -1;
}
