import type { Expression, MissingPolicy, Node, Program, Scopes } from "./ast.ts";
import { TEMPLATE_BOUNDS } from "./bounds.ts";
import { quoted } from "./builder.ts";
import { isSafeAddress, written } from "./escape.ts";
import { HELPERS } from "./helpers.ts";
import { TemplateFault } from "./problem.ts";
import { foldedNames, isMissing, isPlain, isTruthy, member, textOf } from "./values.ts";

export type RenderRules = {
  /** What becomes of a value that is not there; its dialect's usual way where absent. */
  missing?: MissingPolicy;
  /** True: no value is printed as HTML, whatever the template says. */
  refuseRaw?: boolean;
};

/** Where names are looked up. */
type Scope = { value: unknown; parent: Scope | null; loop: Loop | null };
type Loop = { index: number; key: string | number; first: boolean; last: boolean };

/** One part with its values. @throws TemplateFault */
export function run(program: Program, data: unknown, rules: RenderRules): string {
  return new Run(program, data, rules).whole();
}

class Run {
  readonly #program: Program;
  readonly #missing: MissingPolicy;
  readonly #refuseRaw: boolean;
  readonly #root: Scope;
  readonly #chunks: string[] = [];
  #length = 0;
  #steps = 0;
  /** Where in the chunks the address that is being written begins. */
  #urlFrom = 0;

  constructor(program: Program, data: unknown, rules: RenderRules) {
    this.#program = program;
    this.#missing = rules.missing ?? program.missing;
    this.#refuseRaw = rules.refuseRaw ?? false;
    if (program.foldNames && isPlain(data)) this.#spend(Object.keys(data).length, 0);
    this.#root = { value: program.foldNames ? foldedNames(data) : data, parent: null, loop: null };
  }

  whole(): string {
    this.#all(this.#program.nodes, this.#root);
    return this.#chunks.join("");
  }

  #all(nodes: readonly Node[], scope: Scope): void {
    for (const node of nodes) this.#one(node, scope);
  }

  #one(node: Node, scope: Scope): void {
    this.#spend(1, node.at);
    switch (node.kind) {
      case "text":
        return this.#print(node.text, node.at);
      case "value":
        return this.#value(node, scope);
      case "if": {
        const branch = node.branches.find(({ test }) => isTruthy(this.#evaluate(test, scope)));
        return this.#all(branch?.body ?? node.otherwise, scope);
      }
      case "each":
        return this.#each(node, this.#scopeOf(node.over, scope, node.scopes), scope);
      case "with": {
        const found = this.#scopeOf(node.over, scope, node.scopes);
        // Mustachio leaves the scope of its path in an inverted section, too.
        if (!exists(found.value)) return this.#all(node.otherwise, node.scopes === "one" ? scope : found);
        return this.#all(node.body, found);
      }
      case "section": {
        const found = this.#scopeOf(node.over, scope, "one");
        if (Array.isArray(found.value) && found.value.length > 0) return this.#each(node, found, scope);
        if (!isTruthy(found.value)) return this.#all(node.otherwise, scope);
        return this.#all(node.body, found.value === true ? scope : found);
      }
      case "url-open":
        this.#urlFrom = this.#chunks.length;
        return;
      case "url-close":
        if (!isSafeAddress(this.#chunks.slice(this.#urlFrom).join(""))) {
          throw new TemplateFault(
            "template-value-unusable",
            node.at,
            "The values make an address whose scheme is none of http, https and mailto.",
          );
        }
        return;
    }
  }

  #value(node: Extract<Node, { kind: "value" }>, scope: Scope): void {
    const raw = node.raw && node.context === "html-text";
    if (raw && this.#refuseRaw) {
      throw new TemplateFault(
        "template-raw-refused",
        node.at,
        "A value may not be printed as HTML in mail of this class.",
      );
    }
    const value = this.#evaluate(node.expression, scope);
    if (isMissing(value)) {
      if (this.#missing === "error") throw missing(node.expression, node.at);
      return;
    }
    const text = textOf(value);
    if (text === null) {
      const kind = Array.isArray(value) ? "a list" : "an object";
      throw new TemplateFault(
        "template-value-unusable",
        node.at,
        `${named(node.expression)} is ${kind}, which has no text.`,
      );
    }
    this.#spend(text.length >> 4, node.at);
    const safe = written(text, node.context, node.raw);
    if (safe === null) {
      throw new TemplateFault(
        "template-value-unusable",
        node.at,
        `${named(node.expression)} stands in a style, where letters, digits, colours and web addresses alone are taken.`,
      );
    }
    this.#print(safe, node.at);
  }

  #each(node: Extract<Node, { kind: "each" | "section" }>, over: Scope, scope: Scope): void {
    const { value } = over;
    const items: [string | number, unknown][] = Array.isArray(value)
      ? value.map((item: unknown, index) => [index, item])
      : isPlain(value)
        ? Object.keys(value).map((key) => [key, member(value, key)])
        : [];
    if (items.length === 0) return this.#all(node.otherwise, scope);
    this.#spend(items.length, node.at);
    // Mustachio has the list itself between the item and what stands around.
    const parent = node.kind === "each" && node.scopes === "each-step" ? over : scope;
    items.forEach(([key, item], index) => {
      this.#spend(1, node.at);
      const loop = { index, key, first: index === 0, last: index === items.length - 1 };
      this.#all(node.body, { value: item, parent, loop });
    });
  }

  #evaluate(expression: Expression, scope: Scope): unknown {
    switch (expression.kind) {
      case "literal":
        return expression.value;
      case "loop": {
        for (let at: Scope | null = scope; at; at = at.parent) if (at.loop) return at.loop[expression.name];
        return undefined;
      }
      case "path":
        return this.#find(expression, scope).value;
      case "call": {
        const values = expression.arguments.map((one) => this.#evaluate(one, scope));
        for (const value of values) this.#spend(typeof value === "string" ? 1 + (value.length >> 4) : 1, expression.at);
        if (expression.helper !== "required") return HELPERS[expression.helper](values);
        if (isMissing(values[0])) throw missing(expression.arguments[0]!, expression.at);
        return values[0];
      }
    }
  }

  /** What a block opens for what stands in it. */
  #scopeOf(expression: Expression, scope: Scope, scopes: Scopes): Scope {
    if (scopes === "each-step" && expression.kind === "path") return this.#find(expression, scope);
    return { value: this.#evaluate(expression, scope), parent: scope, loop: null };
  }

  /** Each step is a scope of its own, within the one before. Beyond the root is the root. */
  #find(path: Extract<Expression, { kind: "path" }>, scope: Scope): Scope {
    this.#spend(path.steps.length + path.up, path.at);
    let at = path.start === "root" ? this.#root : scope;
    for (let up = 0; up < path.up; up += 1) at = at.parent ?? at;
    for (const step of path.steps) {
      const name = this.#program.foldNames ? step.toUpperCase() : step;
      at = { value: member(at.value, name), parent: at, loop: null };
    }
    return at;
  }

  #print(text: string, at: number): void {
    this.#length += text.length;
    if (this.#length > TEMPLATE_BOUNDS.outputCharacters) {
      throw new TemplateFault(
        "template-output-too-large",
        at,
        `More than ${TEMPLATE_BOUNDS.outputCharacters} characters come of the template and its values.`,
      );
    }
    this.#chunks.push(text);
  }

  #spend(steps: number, at: number): void {
    this.#steps += steps;
    if (this.#steps > TEMPLATE_BOUNDS.steps) {
      throw new TemplateFault("template-too-much-work", at, "The template goes through too much data. Give it less.");
    }
  }
}

/** Mustachio takes an empty object for nothing, which Handlebars does not; a scope without names is of no use to either. */
const exists = (value: unknown): boolean => isTruthy(value) && !(isPlain(value) && Object.keys(value).length === 0);

const named = (expression: Expression): string => (expression.kind === "path" ? quoted(expression.text) : "The value");

const missing = (expression: Expression, at: number): TemplateFault =>
  new TemplateFault("template-value-missing", at, `${named(expression)} was not given.`);
