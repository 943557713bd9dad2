import type { Node, ValueContext } from "../ast.ts";
import { quoted } from "../builder.ts";
import { TemplateFault } from "../problem.ts";
import { type HtmlState, type UrlPart, feed, startState } from "./machine.ts";

/**
 * Gives every value of an HTML template the context it stands in, by going through the template as a reader would go
 * through what comes of it. Both ways through a block must end in the same place; where they do not, no one way of
 * writing what follows is right, and the template is refused.
 * @throws TemplateFault `template-place-unsafe`
 */
export function withContexts(nodes: readonly Node[]): Node[] {
  return walk(nodes, startState());
}

function walk(nodes: readonly Node[], state: HtmlState): Node[] {
  const found: Node[] = [];
  for (const node of nodes) {
    switch (node.kind) {
      case "text":
        splitText(node, state, found);
        break;
      case "value":
        found.push(...valueNodes(node, state));
        break;
      case "if": {
        const ends: HtmlState[] = [];
        const way = (body: Node[]): Node[] => throughWay(body, state, ends);
        const branches = node.branches.map(({ test, body }) => ({ test, body: way(body) }));
        found.push({ ...node, branches, otherwise: way(node.otherwise) });
        join(state, ends, node.at);
        break;
      }
      case "each":
      case "section":
      case "with": {
        const ends: HtmlState[] = [];
        const body = throughWay(node.body, state, ends);
        const otherwise = throughWay(node.otherwise, state, ends);
        // What repeats comes from its own end, too.
        if (node.kind !== "with") ends.push({ ...state });
        found.push({ ...node, body, otherwise });
        join(state, ends, node.at);
        break;
      }
      default:
        found.push(node);
    }
  }
  return found;
}

function throughWay(body: readonly Node[], state: HtmlState, ends: HtmlState[]): Node[] {
  const own = { ...state };
  const walked = walk(body, own);
  ends.push(own);
  return walked;
}

/** Cuts literal text where an address begins and ends, so that it can be looked at whole. */
function splitText(node: Extract<Node, { kind: "text" }>, state: HtmlState, found: Node[]): void {
  let from = 0;
  const cut = (kind: "url-open" | "url-close") => (to: number) => {
    // Where the scheme stands there literally, or no value does, there is nothing to look at.
    if (kind === "url-close" && (state.literal !== null || state.scheme !== null)) return;
    if (to > from) found.push({ kind: "text", text: node.text.slice(from, to), at: node.at + from });
    found.push({ kind, at: node.at + to });
    from = to;
  };
  feed(state, node.text, { urlOpen: cut("url-open"), urlClose: cut("url-close") });
  if (from < node.text.length) found.push({ kind: "text", text: node.text.slice(from), at: node.at + from });
}

function valueNodes(node: Extract<Node, { kind: "value" }>, state: HtmlState): Node[] {
  const opens = state.mode === "before-value" && state.url !== null;
  if (state.mode === "before-value") {
    state.mode = "value";
    state.quote = "";
  }
  const context = contextIn(state, node.at);
  if (state.mode === "value") state.literal = null;
  const value: Node = { ...node, context };
  return opens ? [{ kind: "url-open", at: node.at }, value] : [value];
}

const unsafe = (at: number, why: string): TemplateFault => new TemplateFault("template-place-unsafe", at, why);

/** Schemes that a browser runs; nothing may be put behind them. */
const RUNS: ReadonlySet<string> = new Set(["javascript", "vbscript", "data"]);
const IMAGE_DATA = /^\s*data:image\/(?:png|gif|jpe?g|webp)[;,]/i;

function contextIn(state: HtmlState, at: number): ValueContext {
  switch (state.mode) {
    case "data":
    case "comment":
      return "html-text";
    case "raw":
      return rawContext(state, at);
    case "value":
      return valueContext(state, at);
    case "tag-open":
      throw unsafe(at, "A value directly after `<` could begin any tag. Put a space or the name of the tag there.");
    case "declaration":
      throw unsafe(at, "No value may stand in a declaration.");
    default:
      throw unsafe(
        at,
        `No value may stand in a tag${state.element === "" ? "" : ` (${quoted(`<${state.element}`)})`} outside of the quotes of an attribute: it could add attributes of its own.`,
      );
  }
}

function rawContext({ element, scriptType }: HtmlState, at: number): ValueContext {
  if (element === "style") return "html-css";
  if (element === "title" || element === "textarea") return "html-text";
  if (element === "script" && /^application\/(?:ld\+)?json$/.test(scriptType)) return "html-json";
  throw unsafe(at, `No value may stand in ${quoted(`<${element}>`)}.`);
}

function valueContext(state: HtmlState, at: number): ValueContext {
  const { attribute, literal, url, quote, scheme } = state;
  if (attribute.startsWith("on") || attribute === "srcdoc") {
    throw unsafe(at, `No value may stand in the attribute ${quoted(attribute)}: what is in it is run.`);
  }
  if (attribute === "style") {
    if (quote === "") throw unsafe(at, "A value in `style` needs the attribute to stand in quotes.");
    return "html-css";
  }
  if (url === null) return quote === "" ? "html-unquoted" : "html-attribute";
  if (scheme !== null && RUNS.has(scheme) && !(literal !== null && IMAGE_DATA.test(literal))) {
    throw unsafe(at, `No value may follow ${quoted(`${scheme}:`)}.`);
  }
  if (quote === "") throw unsafe(at, `A value in ${quoted(attribute)} needs the attribute to stand in quotes.`);
  return url === "query-value" ? "html-url-value" : "html-url";
}

const PARTS: readonly UrlPart[] = ["scheme", "path", "query", "query-value"];

/** The state after a block: what all ways through it agree on. */
function join(state: HtmlState, ends: readonly HtmlState[], at: number): void {
  const first = ends[0]!;
  for (const end of ends) {
    const same =
      end.mode === first.mode &&
      end.quote === first.quote &&
      (end.url === null) === (first.url === null) &&
      (end.mode === "data" || (end.element === first.element && end.closing === first.closing)) &&
      (!/value|attribute-name/.test(end.mode) || end.attribute === first.attribute) &&
      end.scriptType === first.scriptType;
    if (!same) throw unsafe(at, "The ways through this block end in different places of the HTML (one in a tag, say).");
  }
  const literal = ends.every((end) => end.literal === first.literal) ? first.literal : null;
  const url = first.url === null ? null : PARTS[Math.min(...ends.map((end) => PARTS.indexOf(end.url!)))]!;
  const scheme = ends.every((end) => end.scheme === first.scheme) ? first.scheme : null;
  Object.assign(state, first, { literal, url, scheme });
}
