import type { Node, Program } from "./ast.ts";
import { TEMPLATE_BOUNDS } from "./bounds.ts";
import { type Dialect, FRONT_ENDS } from "./dialects/index.ts";
import { withContexts } from "./html/contexts.ts";
import { placeOf } from "./place.ts";
import { TemplateFault, type TemplatePart, type TemplateProblem } from "./problem.ts";

export type CompileOptions = {
  dialect: Dialect;
  part: TemplatePart;
  /** `substitution`: the texts to be replaced. */
  tags?: readonly string[];
  /** `resend`: values for variables that are not given. */
  fallbacks?: Readonly<Record<string, string | number>>;
};

/** One source, read and bounded and with every value's context known; or why it cannot be. Never throws. */
export function compilePart(source: string, options: CompileOptions): Program | TemplateProblem {
  const { dialect, part, tags = [], fallbacks = {} } = options;
  const frontEnd = FRONT_ENDS[dialect];
  const { missing, foldNames } = frontEnd;
  return guarded(source, part, () => {
    const most = part === "subject" ? TEMPLATE_BOUNDS.subjectBytes : TEMPLATE_BOUNDS.sourceBytes;
    if (source.length > most || Buffer.byteLength(source) > most) {
      throw new TemplateFault("template-too-large", 0, `The source is longer than ${most} octets.`);
    }
    const read = frontEnd.read({ source, part, tags, fallbacks });
    const nodes = part === "html" ? withContexts(read) : part === "subject" ? inHeader(read) : read;
    return { nodes, part, foldNames, missing, source };
  });
}

/** Whatever is thrown on purpose, as a problem with its place. */
export function guarded<Result>(source: string, part: TemplatePart, work: () => Result): Result | TemplateProblem {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error;
    return { code: error.code, detail: error.message, part, ...placeOf(source, error.at) };
  }
}

export const isProblem = (given: object | string): given is TemplateProblem =>
  typeof given === "object" && "code" in given;

/** Values of a header field are one line; so is its literal text. */
const inHeader = (nodes: readonly Node[]): Node[] =>
  nodes.map((node): Node => {
    switch (node.kind) {
      case "value":
        return { ...node, context: "header" };
      case "text":
        return { ...node, text: node.text.replace(/\s*[\r\n]+\s*/g, " ") };
      case "if": {
        const branches = node.branches.map(({ test, body }) => ({ test, body: inHeader(body) }));
        return { ...node, branches, otherwise: inHeader(node.otherwise) };
      }
      case "each":
      case "with":
      case "section":
        return { ...node, body: inHeader(node.body), otherwise: inHeader(node.otherwise) };
      default:
        return node;
    }
  });
