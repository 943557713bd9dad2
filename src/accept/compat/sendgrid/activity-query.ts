import type { SpoolId } from "../../../kernel/index.ts";
import { readInstant } from "../../http/instant.ts";
import { tagName } from "../tags.ts";
import { type Fault, fault } from "./dialect.ts";
import { readMessageId } from "./message-ids.ts";

export type Status = "processed" | "delivered" | "not_delivered";

export type ActivityQuery = {
  spoolId?: SpoolId;
  n?: number;
  recipient?: string;
  author?: string;
  statuses?: readonly Status[];
  tag?: { name: string; value?: string };
  /** Of the last event: from this instant on, and before that one. */
  after?: number;
  before?: number;
};

const MOST_CHARACTERS = 2_000;
const TEXT = `(?:"((?:[^"\\\\]|\\\\.)*)"|'((?:[^'\\\\]|\\\\.)*)')`;
const term = (pattern: string): RegExp => new RegExp(pattern.replaceAll("TEXT", TEXT).replaceAll(" ", "\\s*"), "iy");
const unescaped = (given: readonly (string | undefined)[]): string[] =>
  given.flatMap((one) => (one === undefined ? [] : [one.replace(/\\(.)/g, "$1")]));

/** Reads values into the query; a text says what is wrong with them. */
type Term = { pattern: RegExp; read(values: readonly string[], query: ActivityQuery): string | null };

const set = <Name extends keyof ActivityQuery>(
  query: ActivityQuery,
  name: Name,
  value: ActivityQuery[Name],
): string | null => {
  if (query[name] !== undefined) return `${name} may be asked for once`;
  query[name] = value;
  return null;
};
const isStatus = (text: string): text is Status => ["processed", "delivered", "not_delivered"].includes(text);
const statuses = (values: readonly string[], query: ActivityQuery): string | null =>
  values.every(isStatus) ? set(query, "statuses", values) : "a status is processed, delivered or not_delivered";

const OPERATORS: Record<string, (query: ActivityQuery, at: number) => string | null> = {
  ">=": (query, at) => set(query, "after", at),
  ">": (query, at) => set(query, "after", at + 1),
  "<": (query, at) => set(query, "before", at),
  "<=": (query, at) => set(query, "before", at + 1),
};

/** docs.sendgrid.com/for-developers/sending-email/getting-started-email-activity-api (seen 2026-11-25), joined by AND. */
const TERMS: readonly Term[] = [
  { pattern: term("to_email = TEXT"), read: ([email], query) => set(query, "recipient", email!) },
  { pattern: term("from_email = TEXT"), read: ([email], query) => set(query, "author", email!) },
  { pattern: term("status = TEXT"), read: statuses },
  { pattern: term("status\\s+IN \\( TEXT(?: , TEXT)? (?:, TEXT )?\\)"), read: statuses },
  {
    pattern: term("msg_id (?:=|LIKE) TEXT"),
    read([id], query) {
      const found = readMessageId(id!.replace(/%$/, ""));
      if (!found) return "a msg_id is whole, or an X-Message-Id and %";
      return set(query, "spoolId", found.spoolId) ?? (found.n === null ? null : set(query, "n", found.n));
    },
  },
  {
    pattern: term("last_event_time\\s+BETWEEN\\s+TIMESTAMP TEXT AND\\s+TIMESTAMP TEXT"),
    read(values, query) {
      const [from, to] = values.map(readInstant);
      if (typeof from !== "number" || typeof to !== "number") return "a TIMESTAMP is such as 2026-03-01T09:30:00Z";
      return set(query, "after", from) ?? set(query, "before", to + 1);
    },
  },
  {
    pattern: term("last_event_time (>=|<=|>|<) TIMESTAMP TEXT"),
    read([operator, text], query) {
      const at = readInstant(text!);
      return at === null ? "a TIMESTAMP is such as 2026-03-01T09:30:00Z" : OPERATORS[operator!]!(query, at);
    },
  },
  {
    pattern: term("Contains \\( categories , TEXT \\)"),
    read: ([name], query) => set(query, "tag", { name: tagName(name!), value: "" }),
  },
  {
    pattern: term("unique_args \\[ TEXT \\] = TEXT"),
    read: ([name, value], query) => set(query, "tag", { name: tagName(name!), value: value! }),
  },
];

const OPEN = /\s*\(?\s*/y;
const AND = /\s*\)?\s+AND\s+|\s*\)\s*AND\s+/iy;
const CLOSE = /\s*\)?\s*$/y;

/** Parentheses around one condition mean nothing, so an odd one is passed over. OR, NOT and != are not read. */
export function readActivityQuery(text: string): ActivityQuery | Fault {
  const query: ActivityQuery = {};
  if (text.trim() === "") return query;
  if (text.length > MOST_CHARACTERS) return fault(400, "the query is too long", "query");
  let at = 0;
  const step = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  for (;;) {
    step(OPEN);
    let no: string | null = unread(text.slice(at));
    for (const { pattern, read } of TERMS) {
      const found = step(pattern);
      if (!found) continue;
      no = read(unescaped(found.slice(1)), query);
      break;
    }
    if (no !== null) return fault(400, no, "query");
    if (step(CLOSE)) return query;
    if (!step(AND)) return fault(400, unread(text.slice(at)), "query");
  }
}

const NOT_KEPT =
  /^(?:subject|template_id|template_name|asm_group_id|api_key_id|originating_ip|outbound_ip\w*|teammate|marketing_\w+|events?|clicks|opens|categories|unique_args)\b/i;

function unread(rest: string): string {
  const [word] = /^[\w.]+/.exec(rest.trimStart()) ?? [rest.trimStart().slice(0, 20)];
  if (NOT_KEPT.test(word!) || /^(?:or|not|to_email|from_email|status|msg_id|last_event_time|contains)$/i.test(word!))
    return `This condition (${word}) is not supported by this server (Postern): see docs/compatibility.md.`;
  return `invalid syntax: '${word}' is not a known field`;
}
