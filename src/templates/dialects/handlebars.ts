import type { Expression } from "../ast.ts";
import { Builder, quoted } from "../builder.ts";
import { TemplateFault } from "../problem.ts";
import { type Piece, piecesOf, withoutBareLines } from "./braces.ts";
import type { FrontEnd } from "./dialect.ts";
import { type Signature, Words, callOf } from "./expression.ts";

/**
 * Handlebars as SendGrid's dynamic templates, Mailgun's and Amazon SES's templates and Mandrill's `merge_language:
 * handlebars` use it: the union of their helpers, since none of them gives a name two meanings.
 * Documents: Twilio "Using Handlebars", Mailgun "Send templates", AWS "Advanced email personalization", Mailchimp
 * "Using Handlebars for dynamic content", handlebarsjs.com (all seen 2026-11).
 */
const INLINE = new Map<string, Signature>([
  // SendGrid; also as blocks.
  ["equals", { helper: "equals", least: 2, most: 2 }],
  ["notEquals", { helper: "notEquals", least: 2, most: 2 }],
  ["greaterThan", { helper: "greaterThan", least: 2, most: 2 }],
  ["lessThan", { helper: "lessThan", least: 2, most: 2 }],
  ["and", { helper: "and", least: 2, most: 16 }],
  ["or", { helper: "or", least: 2, most: 16 }],
  ["length", { helper: "length", least: 1, most: 1 }],
  ["insert", { helper: "fallback", least: 1, most: 2 }],
  // Mandrill.
  ["upper", { helper: "upper", least: 1, most: 1 }],
  ["lower", { helper: "lower", least: 1, most: 1 }],
  ["title", { helper: "title", least: 1, most: 1 }],
  ["url", { helper: "url", least: 1, most: 1 }],
  ["striptags", { helper: "striptags", least: 1, most: 1 }],
]);

const CONDITIONS: ReadonlySet<string> = new Set(["equals", "notEquals", "greaterThan", "lessThan", "and", "or"]);

/** Written by the provider itself where it renders; here a value like any other, which must then be given. */
const PROVIDERS_OWN: ReadonlySet<string> = new Set(["unsub", "unsubscribe", "unsubscribe_preferences", "weblink"]);

export const handlebars: FrontEnd = {
  missing: "empty",
  foldNames: false,
  read({ source }) {
    const builder = new Builder();
    for (const piece of withoutBareLines(piecesOf(source, true), printsNothing)) {
      if (piece.kind === "text") builder.text(piece.text, piece.at);
      else readTag(piece, builder);
    }
    return builder.finished();
  },
};

const printsNothing = (piece: Piece): boolean =>
  piece.kind === "tag" && (/[#^/!]/.test(piece.sigil) || /^else(?:\s|$)/.test(piece.inside));

type Tag = Extract<Piece, { kind: "tag" }>;

function readTag({ sigil, inside, insideAt, at }: Tag, builder: Builder): void {
  switch (sigil) {
    case "!":
      return;
    case ">":
      throw new TemplateFault(
        "template-not-supported",
        at,
        `Partials, as ${quoted(`{{> ${inside}}}`)}, are not known here.`,
      );
    case "#":
      return openBlock(inside, insideAt, at, builder);
    case "/":
      return builder.close(inside, at);
    case "^":
      if (inside === "") return builder.orElse(at);
      return builder.openInverted(inside, new Words(inside, insideAt, INLINE).whole(), at);
    case "&":
      return builder.value(valueOf(inside, insideAt), true, at);
    case "": {
      const word = /^else(?:\s+|$)/.exec(inside)?.[0];
      if (word === undefined) return builder.value(valueOf(inside, insideAt), false, at);
      if (word.length === inside.length) return builder.orElse(at);
      return orIf(new Words(inside.slice(word.length), insideAt + word.length, INLINE), at, builder);
    }
  }
}

function valueOf(inside: string, at: number): Expression {
  const expression = new Words(inside, at, INLINE).whole();
  if (expression.kind === "call" && expression.helper === "fallback") return insertOf(expression);
  if (expression.kind === "path" && PROVIDERS_OWN.has(expression.text)) {
    return { kind: "call", helper: "required", arguments: [expression], at: expression.at };
  }
  return expression;
}

/** SendGrid: `{{insert name "default=Customer"}}`. */
function insertOf(call: Extract<Expression, { kind: "call" }>): Expression {
  const [value, other] = call.arguments;
  if (!other) return value!;
  if (other.kind !== "literal" || typeof other.value !== "string" || !other.value.startsWith("default=")) {
    throw new TemplateFault("template-syntax", other.at, 'The second value of `insert` is a text, "default=…".');
  }
  const text = other.value.slice("default=".length);
  return { ...call, arguments: [value!, { kind: "literal", value: text, at: other.at }] };
}

/** `if x`, `unless x`, `equals a b` …: the condition of a block, or null where the word begins none. */
function conditionOf(words: Words): { name: string; test: Expression } | null {
  const name = words.peekWord();
  if (name !== "if" && name !== "unless" && !(name !== null && CONDITIONS.has(name))) return null;
  const at = 0;
  words.skip();
  if (name !== "if" && name !== "unless") {
    const given = words.rest();
    return { name, test: callOf(name, INLINE.get(name)!, given, given[0]?.at ?? at) };
  }
  const test = words.argument(0);
  words.end();
  return { name, test: name === "if" ? test : { kind: "call", helper: "not", arguments: [test], at: test.at } };
}

function orIf(words: Words, at: number, builder: Builder): void {
  const condition = conditionOf(words);
  if (!condition) {
    throw new TemplateFault("template-not-supported", at, "After `else` a condition is taken: if, unless, equals …");
  }
  builder.orIf(condition.test, at);
}

function openBlock(inside: string, insideAt: number, at: number, builder: Builder): void {
  if (/^[*>]/.test(inside)) {
    throw new TemplateFault(
      "template-not-supported",
      at,
      `Inline partials, as ${quoted(`{{#${inside}}}`)}, are not known here.`,
    );
  }
  if (/\sas\s*\|/.test(inside)) {
    throw new TemplateFault("template-not-supported", at, `Names for items, as ${quoted(inside)}, are not known here.`);
  }
  const words = new Words(inside, insideAt, INLINE);
  const condition = conditionOf(words);
  if (condition) return builder.openIf(condition.name, condition.test, at);
  const name = words.peekWord();
  if ((name === "each" || name === "with") && words.left > 1) {
    words.skip();
    const over = words.argument(0);
    words.end();
    return name === "each" ? builder.openEach(name, over, "one", at) : builder.openWith(name, over, "one", at);
  }
  if (words.left > 1) {
    throw new TemplateFault("template-not-supported", at, `The block ${quoted(name ?? inside)} is not known here.`);
  }
  builder.openSection(inside, words.whole(), at);
}
