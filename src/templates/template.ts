import type { Program } from "./ast.ts";
import { type CompileOptions, compilePart, guarded, isProblem } from "./compile.ts";
import type { Dialect } from "./dialects/index.ts";
import { linksIn, refusedLink } from "./links.ts";
import { foldedName, looksLikeAddress } from "./names.ts";
import { TemplateFault, type TemplatePart, type TemplateProblem } from "./problem.ts";
import { type RenderRules, run } from "./render.ts";
import { isPlain, member } from "./values.ts";

/** The three sources of a mail; null where it has no such part. */
export type TemplateSources = Readonly<Record<TemplatePart, string | null>>;

/** Compiled ahead: rendered as often as wanted, at once and by anybody. */
export type CompiledTemplate = Readonly<Record<TemplatePart, Program | null>>;

export type Rendered = Record<TemplatePart, string | null>;

export type Compiled =
  | { kind: "compiled"; template: CompiledTemplate }
  | { kind: "problems"; problems: TemplateProblem[] };
export type Rendering = { kind: "rendered"; rendered: Rendered } | { kind: "problems"; problems: TemplateProblem[] };

/** What the caller asks for by the class of the mail (docs/templates.md, "Secrets"). */
export type TemplateRules = RenderRules & {
  /** May a link lead there? Absent: anywhere. */
  mayLink?: (link: URL) => boolean;
  /** Keys under which values are names of people and may not look like an address; absent: not looked at. */
  nameFields?: readonly string[];
};

const PARTS: readonly TemplatePart[] = ["subject", "html", "text"];

/** Reads all parts and tells what is wrong with any. Never throws. */
export function compileTemplate(
  sources: TemplateSources,
  options: Omit<CompileOptions, "part"> & { dialect: Dialect },
): Compiled {
  const problems: TemplateProblem[] = [];
  const programs: Record<TemplatePart, Program | null> = { subject: null, html: null, text: null };
  for (const part of PARTS) {
    const source = sources[part];
    if (source === null) continue;
    const program = compilePart(source, { ...options, part });
    if (isProblem(program)) problems.push(program);
    else programs[part] = program;
  }
  return problems.length > 0 ? { kind: "problems", problems } : { kind: "compiled", template: programs };
}

/** All parts with their values. Never throws for what template or data may hold. */
export function renderTemplate(template: CompiledTemplate, data: unknown, rules: TemplateRules = {}): Rendering {
  const problems: TemplateProblem[] = [];
  const rendered: Rendered = { subject: null, html: null, text: null };
  const { nameFields } = rules;
  if (nameFields) {
    const part = PARTS.find((one) => template[one]) ?? "text";
    const checked = guarded("", part, () => {
      checkNames(data, new Set(nameFields.map(foldedName)));
      return "";
    });
    if (isProblem(checked)) return { kind: "problems", problems: [checked] };
  }
  for (const part of PARTS) {
    const program = template[part];
    if (!program) continue;
    const text = guarded(program.source, part, () => {
      const made = run(program, data, rules);
      if (rules.mayLink && part !== "subject") checkLinks(made, part, rules.mayLink);
      return made;
    });
    if (isProblem(text)) problems.push(text);
    else rendered[part] = text;
  }
  return problems.length > 0 ? { kind: "problems", problems } : { kind: "rendered", rendered };
}

/** Sources that come with a message and its values. Whoever has many recipients compiles once and renders for each. */
export function renderMerge(
  sources: TemplateSources,
  options: Omit<CompileOptions, "part"> & { dialect: Dialect },
  data: unknown,
  rules: TemplateRules = {},
): Rendering {
  const compiled = compileTemplate(sources, options);
  return compiled.kind === "compiled" ? renderTemplate(compiled.template, data, rules) : compiled;
}

function checkLinks(made: string, part: TemplatePart, may: (link: URL) => boolean): void {
  if (refusedLink(linksIn(made, part === "html"), may) === null) return;
  throw new TemplateFault(
    "template-link-refused",
    0,
    "A link leads where mail of this class may not lead (docs/templates.md, Secrets).",
  );
}

/** Data is JSON of a bounded size; what is deeper than this no template reaches. */
const DATA_DEPTH = 32;

function checkNames(data: unknown, fields: ReadonlySet<string>, depth = 0): void {
  if (depth > DATA_DEPTH) return;
  if (Array.isArray(data)) {
    for (const item of data as unknown[]) checkNames(item, fields, depth + 1);
  } else if (isPlain(data)) {
    for (const key of Object.keys(data)) {
      const value = member(data, key);
      if (typeof value === "string" && fields.has(foldedName(key)) && looksLikeAddress(value)) {
        throw new TemplateFault("template-name-refused", 0, "The name of a person looks like an address to follow.");
      }
      checkNames(value, fields, depth + 1);
    }
  }
}
