import type { Expression, Helper, LoopName } from "../ast.ts";
import { TEMPLATE_BOUNDS } from "../bounds.ts";
import { quoted } from "../builder.ts";
import { TemplateFault } from "../problem.ts";

/** An inline helper of Handlebars: how it is called here, and how many arguments it takes. */
export type Signature = { helper: Helper; least: number; most: number };
export type Signatures = ReadonlyMap<string, Signature>;

const LOOP_NAMES: ReadonlySet<string> = new Set<LoopName>(["index", "key", "first", "last"]);

type Token = { text: string; kind: "open" | "close" | "string" | "word"; at: number };
const TOKEN = /\s+|(\()|(\))|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|((?:\[[^\]]*\]|[^\s()'"[\]])+)/y;

/** What stands between `{{` and `}}`, cut into words, strings and brackets. */
function tokensOf(text: string, at: number): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new TemplateFault("template-syntax", at + from, `${quoted(text.slice(from))} cannot be read.`);
    const [whole, open, close, string, word] = match;
    const kind = open ? "open" : close ? "close" : string ? "string" : word ? "word" : null;
    if (kind) tokens.push({ text: whole, kind, at: at + from });
  }
  return tokens;
}

/** The words of a tag as expressions; the first may be the name of a helper. */
export class Words {
  readonly #tokens: Token[];
  readonly #signatures: Signatures;
  readonly #at: number;
  #next = 0;

  constructor(text: string, at: number, signatures: Signatures) {
    this.#tokens = tokensOf(text, at);
    this.#signatures = signatures;
    this.#at = at;
  }

  /** The next word as it stands, or null at the end. */
  peekWord(): string | null {
    const token = this.#tokens[this.#next];
    return token?.kind === "word" ? token.text : null;
  }

  skip(): void {
    this.#next += 1;
  }

  get left(): number {
    return this.#tokens.length - this.#next;
  }

  /** All that is left, as one expression: a value alone, or a helper with its arguments. */
  whole(): Expression {
    const first = this.#tokens[this.#next];
    if (!first) throw new TemplateFault("template-syntax", this.#at, "There is nothing between the brackets.");
    const expression = first.kind === "word" && this.left > 1 ? this.#call(0) : this.argument(0);
    this.end();
    return expression;
  }

  /** All that is left, as arguments. */
  rest(): Expression[] {
    const found: Expression[] = [];
    while (this.left > 0) found.push(this.argument(0));
    return found;
  }

  argument(depth: number): Expression {
    const token = this.#tokens[this.#next];
    if (!token) throw new TemplateFault("template-syntax", this.#at, "A value is missing here.");
    this.#next += 1;
    switch (token.kind) {
      case "string":
        return { kind: "literal", value: token.text.slice(1, -1).replace(/\\(.)/gs, "$1"), at: token.at };
      case "open": {
        if (depth >= TEMPLATE_BOUNDS.callDepth) {
          throw new TemplateFault("template-too-deep", token.at, "Calls stand too deep in each other.");
        }
        const call = this.#call(depth + 1);
        const close = this.#tokens[this.#next];
        if (close?.kind !== "close") throw new TemplateFault("template-syntax", token.at, "`(` is never closed.");
        this.#next += 1;
        return call;
      }
      case "close":
        throw new TemplateFault("template-syntax", token.at, "`)` closes nothing.");
      case "word":
        return wordOf(token.text, token.at);
    }
  }

  end(): void {
    const token = this.#tokens[this.#next];
    if (token) throw new TemplateFault("template-syntax", token.at, `${quoted(token.text)} is too much here.`);
  }

  #call(depth: number): Expression {
    const name = this.#tokens[this.#next];
    if (name?.kind !== "word") throw new TemplateFault("template-syntax", name?.at ?? this.#at, "A name is missing.");
    this.#next += 1;
    const signature = this.#signatures.get(name.text);
    if (!signature) {
      throw new TemplateFault("template-not-supported", name.at, `The helper ${quoted(name.text)} is not known here.`);
    }
    const found: Expression[] = [];
    while (this.left > 0 && this.#tokens[this.#next]!.kind !== "close") found.push(this.argument(depth));
    return callOf(name.text, signature, found, name.at);
  }
}

export function callOf(name: string, signature: Signature, given: Expression[], at: number): Expression {
  const { helper, least, most } = signature;
  if (given.length < least || given.length > Math.min(most, TEMPLATE_BOUNDS.callArguments)) {
    const wanted = least === most ? `${least}` : `${least} to ${Math.min(most, TEMPLATE_BOUNDS.callArguments)}`;
    throw new TemplateFault("template-syntax", at, `${quoted(name)} takes ${wanted} values, not ${given.length}.`);
  }
  return { kind: "call", helper, arguments: given, at };
}

const NUMBER = /^-?\d{1,15}(?:\.\d{1,15})?$/;
const WORDS: Readonly<Record<string, true | false | null>> = { true: true, false: false, null: null, undefined: null };

function wordOf(text: string, at: number): Expression {
  if (NUMBER.test(text)) return { kind: "literal", value: Number(text), at };
  if (Object.hasOwn(WORDS, text)) return { kind: "literal", value: WORDS[text] as boolean | null, at };
  if (/^[\w-]+=/.test(text)) {
    throw new TemplateFault("template-not-supported", at, `Named values, as ${quoted(text)}, are not known here.`);
  }
  return pathOf(text, at);
}

/** `a.b`, `this`, `./a`, `../a`, `@root.a`, `@index`, `a.[b c]`. */
export function pathOf(text: string, at: number): Expression {
  let rest = text;
  let up = 0;
  let start: "here" | "root" = "here";
  if (rest.startsWith("@")) {
    const name = rest.slice(1);
    if (LOOP_NAMES.has(name)) return { kind: "loop", name: name as LoopName, at };
    if (name !== "root" && !name.startsWith("root.") && !name.startsWith("root/")) {
      throw new TemplateFault("template-not-supported", at, `${quoted(text)} is not known here.`);
    }
    start = "root";
    rest = name.slice(5);
  } else {
    for (; rest === ".." || rest.startsWith("../"); rest = rest.slice(3)) up += 1;
    if (rest === "." || rest === "this") rest = "";
    else rest = rest.replace(/^(?:\.\/|this[./])/, "");
  }
  const steps = stepsOf(rest, text, at);
  if (steps.length > TEMPLATE_BOUNDS.pathSteps || up > TEMPLATE_BOUNDS.depth) {
    throw new TemplateFault("template-too-deep", at, `${quoted(text)} has too many steps.`);
  }
  return { kind: "path", start, up, steps, text, at };
}

/** A name as data may have it; Handlebars forbids punctuation that its own grammar uses. */
const STEP = /^(?:\[([^\]]*)\]|([^\s!"#%&'()*+,./;<=>@[\\\]^`{|}~]+))(?:[./]|$)/;

function stepsOf(rest: string, text: string, at: number): string[] {
  const steps: string[] = [];
  for (let left = rest; left !== "";) {
    const match = STEP.exec(left);
    if (!match) throw new TemplateFault("template-syntax", at, `${quoted(text)} is no name of a value.`);
    steps.push(match[1] ?? match[2]!);
    left = left.slice(match[0].length);
    if (left === "" && /[./]$/.test(match[0])) {
      throw new TemplateFault("template-syntax", at, `${quoted(text)} ends in the middle of a name.`);
    }
  }
  return steps;
}
