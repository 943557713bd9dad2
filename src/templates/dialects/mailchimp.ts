import type { Expression, Helper } from "../ast.ts";
import { Builder, quoted } from "../builder.ts";
import { TemplateFault } from "../problem.ts";
import type { FrontEnd } from "./dialect.ts";

/**
 * Mailchimp's merge tags as Mandrill knows them: values and conditions. What Mailchimp itself fills in (lists, archives,
 * unsubscribing, dates) is refused by name.
 * Documents: Mailchimp "About dynamic and conditional merge tags", "All the merge tags cheat sheet" (seen 2026-11).
 */
export const mailchimp: FrontEnd = {
  missing: "empty",
  foldNames: true,
  read({ source }) {
    const builder = new Builder();
    let from = 0;
    for (const { 0: whole, 1: inside, index } of source.matchAll(TAG)) {
      builder.text(source.slice(from, index), from);
      readTag(inside!.trim(), index, builder);
      from = index + whole.length;
    }
    builder.text(source.slice(from), from);
    return builder.finished();
  },
};

const TAG = /\*\|([^|*]{1,500})\|\*/g;
const NAME = /^[A-Za-z0-9_]{1,100}$/;

const FORMS: Readonly<Record<string, Helper>> = { UPPER: "upper", LOWER: "lower", TITLE: "title", URL: "url" };

/** Filled in by Mailchimp from its own data; a value of that name cannot be given there either. */
const PROVIDERS_OWN: ReadonlySet<string> = new Set([
  "UNSUB",
  "UPDATE_PROFILE",
  "ARCHIVE",
  "FORWARD",
  "REWARDS",
  "CURRENT_YEAR",
  "CAMPAIGN_UID",
  "MC_PREVIEW_TEXT",
  "ABOUT_LIST",
  "VCARD",
]);

function readTag(inside: string, at: number, builder: Builder): void {
  const colon = inside.indexOf(":");
  if (colon === -1) {
    if (PROVIDERS_OWN.has(inside.toUpperCase())) throw unknown(inside, at);
    return builder.value(nameOf(inside, at), false, at);
  }
  const word = inside.slice(0, colon).toUpperCase();
  const rest = inside.slice(colon + 1).trim();
  switch (word) {
    case "IF":
      return builder.openIf("IF", conditionOf(rest, at), at);
    case "IFNOT":
      return builder.openIf("IF", { kind: "call", helper: "not", arguments: [conditionOf(rest, at)], at }, at);
    case "ELSEIF":
      return builder.orIf(conditionOf(rest, at), at);
    case "ELSE":
      if (rest !== "") throw unknown(inside, at);
      return builder.orElse(at);
    case "END":
      if (rest.toUpperCase() !== "IF") throw unknown(inside, at);
      return builder.close("IF", at);
    case "HTML":
      return builder.value(nameOf(rest, at), true, at);
    default: {
      if (!Object.hasOwn(FORMS, word)) throw unknown(inside, at);
      const value = nameOf(rest, at);
      return builder.value({ kind: "call", helper: FORMS[word]!, arguments: [value], at }, false, at);
    }
  }
}

const unknown = (inside: string, at: number): TemplateFault =>
  new TemplateFault("template-not-supported", at, `The merge tag ${quoted(`*|${inside}|*`)} is not known here.`);

function nameOf(text: string, at: number): Expression {
  if (!NAME.test(text)) throw unknown(text, at);
  return { kind: "path", start: "here", up: 0, steps: [text], text, at };
}

const COMPARED = /^([A-Za-z0-9_]{1,100})\s*(!=|>=|<=|==|=|>|<)\s*([\s\S]*)$/;
const COMPARISONS: Readonly<Record<string, Helper>> = {
  "=": "equals",
  "==": "equals",
  "!=": "notEquals",
  ">": "greaterThan",
  "<": "lessThan",
  ">=": "atLeast",
  "<=": "atMost",
};

/** `NAME`, or `NAME = text`; the text may stand in quotes. */
function conditionOf(text: string, at: number): Expression {
  const match = COMPARED.exec(text);
  if (!match) return nameOf(text, at);
  const [, name, sign, right] = match;
  const value = right!.trim().replace(/^(["'])([\s\S]*)\1$/, "$2");
  return {
    kind: "call",
    helper: COMPARISONS[sign!]!,
    arguments: [nameOf(name!, at), { kind: "literal", value, at }],
    at,
  };
}
