/** Parts of a mail a template has. */
export type TemplatePart = "subject" | "html" | "text";

/** The stable codes; docs/failures.md explains each. */
export type TemplateCode =
  | "template-too-large"
  | "template-too-deep"
  | "template-syntax"
  | "template-not-supported"
  | "template-place-unsafe"
  | "template-value-missing"
  | "template-value-unusable"
  | "template-raw-refused"
  | "template-link-refused"
  | "template-name-refused"
  | "template-output-too-large"
  | "template-too-much-work";

/** What is wrong with a template or with the data for it, and where. Never holds a value: those may be secret. */
export type TemplateProblem = {
  code: TemplateCode;
  /** One sentence for whoever wrote the template. */
  detail: string;
  part: TemplatePart;
  /** Both from 1; of the place in the source. */
  line: number;
  column: number;
};

export const problemText = ({ detail, part, line, column }: TemplateProblem): string =>
  `${part}, line ${line}, column ${column}: ${detail}`;

/** Ends the compiling or rendering of one part; caught in compile.ts and render.ts, never leaves the room. */
export class TemplateFault extends Error {
  readonly code: TemplateCode;
  readonly at: number;
  constructor(code: TemplateCode, at: number, detail: string) {
    super(detail);
    this.code = code;
    this.at = at;
  }
}
