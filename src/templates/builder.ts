import type { Branch, Expression, Node, Scopes } from "./ast.ts";
import { TEMPLATE_BOUNDS } from "./bounds.ts";
import { TemplateFault } from "./problem.ts";

/** A block that is open: where its nodes go, and how it is closed. */
export type Open = {
  /** As its dialect names it, for matching the close: `if`, `each`, a path. */
  name: string;
  at: number;
  /** Nodes go here: a branch or the rest. */
  into: Node[];
  /** True once its else was seen. */
  inElse: boolean;
  node: Exclude<Node, { kind: "text" | "value" | "url-open" | "url-close" }>;
};

/** Builds the tree while a dialect reads its tokens in order; counts nodes and depth. */
export class Builder {
  readonly nodes: Node[] = [];
  readonly #open: Open[] = [];
  #count = 0;

  get innermost(): Open | undefined {
    return this.#open.at(-1);
  }

  text(text: string, at: number): void {
    if (text !== "") this.#add({ kind: "text", text, at });
  }

  /** The context is found later, by where the value stands. */
  value(expression: Expression, raw: boolean, at: number): void {
    this.#add({ kind: "value", expression, raw, context: "plain", at });
  }

  openIf(name: string, test: Expression, at: number): void {
    const branch: Branch = { test, body: [] };
    this.#enter({
      name,
      at,
      into: branch.body,
      inElse: false,
      node: { kind: "if", branches: [branch], otherwise: [], at },
    });
  }

  openEach(name: string, over: Expression, scopes: Scopes, at: number): void {
    const body: Node[] = [];
    this.#enter({ name, at, into: body, inElse: false, node: { kind: "each", over, scopes, body, otherwise: [], at } });
  }

  openWith(name: string, over: Expression, scopes: Scopes, at: number): void {
    const body: Node[] = [];
    this.#enter({ name, at, into: body, inElse: false, node: { kind: "with", over, scopes, body, otherwise: [], at } });
  }

  openSection(name: string, over: Expression, at: number): void {
    const body: Node[] = [];
    this.#enter({ name, at, into: body, inElse: false, node: { kind: "section", over, body, otherwise: [], at } });
  }

  /** Whatever is nothing, its `otherwise`: `{{^x}}`. */
  openInverted(name: string, over: Expression, at: number): void {
    this.openSection(name, over, at);
    this.orElse(at);
  }

  /** `{{else if …}}` of an if. */
  orIf(test: Expression, at: number): void {
    const open = this.#innermostFor("else", at);
    if (open.inElse) throw new TemplateFault("template-syntax", at, "There is an else before this one.");
    if (open.node.kind !== "if") {
      throw new TemplateFault("template-not-supported", at, "`else` with a condition is taken in an if only.");
    }
    const branch: Branch = { test, body: [] };
    open.node.branches.push(branch);
    open.into = branch.body;
    this.#counted(at);
  }

  orElse(at: number): void {
    const open = this.#innermostFor("else", at);
    if (open.inElse) throw new TemplateFault("template-syntax", at, "There is an else before this one.");
    open.inElse = true;
    open.into = open.node.otherwise;
  }

  close(name: string, at: number): void {
    const open = this.#open.pop();
    if (!open) throw new TemplateFault("template-syntax", at, `Nothing is open here that ${quoted(name)} could close.`);
    if (open.name !== name) {
      throw new TemplateFault("template-syntax", at, `${quoted(open.name)} is open here, not ${quoted(name)}.`);
    }
  }

  /** The whole; nothing may be open any more. */
  finished(): Node[] {
    const open = this.#open.at(-1);
    if (open) throw new TemplateFault("template-syntax", open.at, `The block ${quoted(open.name)} is never closed.`);
    return this.nodes;
  }

  #enter(open: Open): void {
    this.#add(open.node);
    this.#open.push(open);
    if (this.#open.length > TEMPLATE_BOUNDS.depth) {
      throw new TemplateFault(
        "template-too-deep",
        open.at,
        `Blocks stand more than ${TEMPLATE_BOUNDS.depth} deep in each other.`,
      );
    }
  }

  #add(node: Node): void {
    this.#counted(node.at);
    (this.#open.at(-1)?.into ?? this.nodes).push(node);
  }

  #counted(at: number): void {
    this.#count += 1;
    if (this.#count > TEMPLATE_BOUNDS.nodes) {
      throw new TemplateFault("template-too-large", at, `The template has more than ${TEMPLATE_BOUNDS.nodes} nodes.`);
    }
  }

  #innermostFor(word: string, at: number): Open {
    const open = this.#open.at(-1);
    if (!open) throw new TemplateFault("template-syntax", at, `Nothing is open here that an ${word} could belong to.`);
    return open;
  }
}

/** A piece of the source, short enough for a sentence. */
export const quoted = (text: string): string => `\`${text.length > 60 ? `${text.slice(0, 60)}…` : text}\``;
