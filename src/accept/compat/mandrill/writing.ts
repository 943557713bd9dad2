import {
  type CompiledTemplate,
  type Dialect,
  type TemplateRules,
  compileTemplate,
  problemText,
  renderTemplate,
} from "../../../templates/index.ts";
import { htmlFromText, textFromHtml } from "../auto-parts.ts";
import { type MandrillError, isError, validationError } from "./errors.ts";
import type { MandrillMessage } from "./shape.ts";
import { isMerging, valuesOf } from "./values.ts";

export type Sources = { subject: string | null; html: string | null; text: string | null };

/** What a message is made of before its recipients' values are in it. */
export type Draft = Sources & {
  /** Null: nothing is merged. */
  dialect: Dialect | null;
  fallbacks: Readonly<Record<string, string | number>>;
  /** Of just these sources, where they were compiled before. */
  compiled: CompiledTemplate | null;
  from: { email: string | null; name: string | null };
  /** Of the template it comes from. */
  slug: string | null;
};

/** What one recipient gets. */
export type Written = Sources & { fromName: string | null; headers: [name: string, value: string][] };
export type WriterFor = (email: string) => Written | MandrillError;

/** Of a message that brings its own text. */
export function ownDraft(message: MandrillMessage): Draft {
  const { subject, html, text, from_email: email, from_name: name } = message;
  return {
    subject: subject ?? null,
    html: html ?? null,
    text: text ?? null,
    dialect: isMerging(message) ? (message.merge_language ?? "mailchimp") : null,
    fallbacks: {},
    compiled: null,
    from: { email: email ?? null, name: name ?? null },
    slug: null,
  };
}

/**
 * Compiles all that may hold merge tags (subject, bodies, the author's name, header fields) once, and gives what writes it
 * for one recipient. What one recipient's values make impossible is told when theirs are written.
 */
export function writerOf(draft: Draft, message: MandrillMessage, rules: TemplateRules): WriterFor | MandrillError {
  const headers = headersOf(message);
  const { dialect } = draft;
  if (dialect === null) {
    const written = withAutoParts({ ...draft, fromName: draft.from.name, headers }, message);
    return () => written;
  }
  const values = valuesOf(message, dialect);
  if (isError(values)) return values;
  const options = { dialect, fallbacks: draft.fallbacks };
  const compiled = draft.compiled ? { template: draft.compiled } : compiledOf(draft, options);
  if (isError(compiled)) return compiled;
  const lines = [draft.from.name, ...headers.map(([, value]) => value)].map((text) => lineOf(text, options, rules));
  const faulty = lines.find((line) => typeof line !== "function");
  if (faulty) return faulty as MandrillError;
  return (email) => {
    const data = values(email);
    const made = renderTemplate(compiled.template, data, rules);
    if (made.kind === "problems") return validationError(problemText(made.problems[0]!));
    const [fromName = null, ...fields] = lines.map((line) => (line as Line)(data));
    const fault = [fromName, ...fields].find(isError);
    if (fault) return fault;
    const written = headers.map(([name], n): [string, string] => [name, (fields[n] as string | null) ?? ""]);
    return withAutoParts({ ...made.rendered, fromName: fromName as string | null, headers: written }, message);
  };
}

type Options = { dialect: Dialect; fallbacks: Draft["fallbacks"] };
type Line = (data: unknown) => string | null | MandrillError;

function compiledOf(sources: Sources, options: Options): { template: CompiledTemplate } | MandrillError {
  const { subject, html, text } = sources;
  const made = compileTemplate({ subject, html, text }, options);
  return made.kind === "compiled" ? made : validationError(problemText(made.problems[0]!));
}

const HAS_TAGS = /\*\||\{\{/;

function lineOf(text: string | null, options: Options, rules: TemplateRules): Line | MandrillError {
  if (text === null || !HAS_TAGS.test(text)) return () => text;
  const compiled = compiledOf({ subject: text, html: null, text: null }, options);
  if (isError(compiled)) return compiled;
  return (data) => {
    const made = renderTemplate(compiled.template, data, rules);
    return made.kind === "rendered" ? made.rendered.subject : validationError(problemText(made.problems[0]!));
  };
}

const headersOf = (message: MandrillMessage): [string, string][] =>
  Object.entries(message.headers ?? {}).flatMap(([name, value]): [string, string][] =>
    value === null ? [] : [[name, Array.isArray(value) ? value.join(", ") : String(value)]],
  );

function withAutoParts(written: Written, { auto_text: autoText, auto_html: autoHtml }: MandrillMessage): Written {
  const { html, text } = written;
  if (autoText && text === null && html !== null) return { ...written, text: textFromHtml(html) };
  return autoHtml && html === null && text !== null ? { ...written, html: htmlFromText(text) } : written;
}
