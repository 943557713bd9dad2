import { globSync, readFileSync } from "node:fs";
import path from "node:path";

/** A text file of the project. `name` is relative to its root, with `/`. */
export type SourceFile = { name: string; text: string };

export const ROOT = path.join(import.meta.dirname, "..");

/** Files that match, sorted by name. */
export const filesLike = (root: string, patterns: readonly string[]): SourceFile[] =>
  globSync([...patterns], { cwd: root })
    .map((file) => file.split(path.sep).join("/"))
    .toSorted()
    .map((name) => ({ name, text: readFileSync(path.join(root, name), "utf8") }));

export const CODE = ["src/**/*.ts", "test/**/*.ts", "scripts/**/*.ts", "bench/**/*.ts"];

/** Of tests or for them: not part of what runs. */
export const isTest = (name: string): boolean => /(?:\.test|-for-tests)\.ts$/.test(name);

/** `file:line` of an offset into its text. */
export const placeOf = (file: SourceFile, offset: number): string =>
  `${file.name}:${file.text.slice(0, offset).split("\n").length}`;

/** Comments become blanks of the same length, so that offsets stay; strings are left as they are. */
export function withoutComments(text: string): string {
  // Strings and templates are matched first, so that a `//` inside of one is none; a regular expression is told by what stands before it.
  const token =
    /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[^])*`|(?<=[(,=:[!&|?{};+]\s*)\/(?![*/])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/|\/\/[^\n]*|\/\*[^]*?\*\//g;
  return text.replaceAll(token, (found) =>
    found.startsWith("//") || found.startsWith("/*") ? found.replaceAll(/[^\n]/g, " ") : found,
  );
}

/** Says each finding and ends with 1, or says that there is none. */
export function tell(findings: readonly string[], clean: string): void {
  for (const finding of findings) process.stdout.write(`${finding}\n`);
  if (findings.length === 0) process.stdout.write(`${clean}\n`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}
