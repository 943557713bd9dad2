/**
 * What every dialect is compiled to. No node and no call does anything but choose and print values that were given:
 * there is no way to a function, a prototype, a file or a clock.
 * `at` is the offset in the source from which problems are told.
 */
export type Node =
  | { kind: "text"; text: string; at: number }
  | { kind: "value"; expression: Expression; raw: boolean; context: ValueContext; at: number }
  | { kind: "if"; branches: Branch[]; otherwise: Node[]; at: number }
  | { kind: "each"; over: Expression; scopes: Scopes; body: Node[]; otherwise: Node[]; at: number }
  | { kind: "with"; over: Expression; scopes: Scopes; body: Node[]; otherwise: Node[]; at: number }
  /** On a list each, on `true` the same scope, on anything else with; on nothing its `otherwise`. */
  | { kind: "section"; over: Expression; body: Node[]; otherwise: Node[]; at: number }
  /** Around the value of an attribute that holds an address: what stands between them is looked at as a whole. */
  | { kind: "url-open"; at: number }
  | { kind: "url-close"; at: number };

export type Branch = { test: Expression; body: Node[] };

/** Handlebars opens one scope for a block; Mustachio one for each step of the block's path, and one more for an item. */
export type Scopes = "one" | "each-step";

export type Expression =
  | { kind: "path"; start: "here" | "root"; up: number; steps: string[]; text: string; at: number }
  | { kind: "loop"; name: LoopName; at: number }
  | { kind: "literal"; value: string | number | boolean | null; at: number }
  | { kind: "call"; helper: Helper; arguments: Expression[]; at: number };

/** What is known of the item in an each. */
export type LoopName = "index" | "key" | "first" | "last";

/** The closed list of what may be asked of values. Each is pure; helpers.ts has them. */
export type Helper =
  | "equals"
  | "notEquals"
  | "and"
  | "or"
  | "not"
  | "greaterThan"
  | "lessThan"
  | "atLeast"
  | "atMost"
  | "length"
  | "fallback"
  | "required"
  | "upper"
  | "lower"
  | "title"
  | "url"
  | "striptags";

/**
 * Where a value goes, which decides how it is written (escape.ts). `html-…` come from where it stands in the HTML
 * (html/contexts.ts).
 */
export type ValueContext =
  | "plain"
  | "header"
  | "html-text"
  | "html-attribute"
  | "html-unquoted"
  /** In an address, before its scheme is fixed. */
  | "html-url"
  /** In an address, after a `?` or `#` and a `=`: one value among others. */
  | "html-url-value"
  | "html-css"
  | "html-json";

/** One part, ready to be rendered as often as wanted. */
export type Program = {
  nodes: Node[];
  part: "subject" | "html" | "text";
  /** Names are compared without regard to case (Mailchimp's are). */
  foldNames: boolean;
  /** What becomes of a value that is not there, unless the caller says otherwise. */
  missing: MissingPolicy;
  /** For telling places. */
  source: string;
};

/** `empty`: nothing is printed. `error`: the part is not rendered (`template-value-missing`). */
export type MissingPolicy = "empty" | "error";
