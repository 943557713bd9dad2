import type { MissingPolicy, Node } from "../ast.ts";

/** What a front end is given besides the source. */
export type FrontEndParts = {
  source: string;
  /** HTML and plain text differ in nothing but where raw values make sense. */
  part: "subject" | "html" | "text";
  /** `substitution` only: the texts to be replaced, as the request names them. */
  tags: readonly string[];
  /** `resend` only: values of variables that are not given. */
  fallbacks: Readonly<Record<string, string | number>>;
};

/** Reads a source into the tree. @throws TemplateFault */
export type FrontEnd = {
  read(parts: FrontEndParts): Node[];
  missing: MissingPolicy;
  foldNames: boolean;
};
