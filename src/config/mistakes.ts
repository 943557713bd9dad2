import { Problem } from "../kernel/index.ts";

/** One thing wrong with the configuration: where, and what to do about it. A sentence never quotes a secret. */
export type ConfigMistake = {
  /** As people write it: `tenants[0].streams[1].class`. Empty where the file as a whole is meant. */
  path: string;
  sentence: string;
  /** Line in the file, from 1; null where nothing of the file can be pointed at. */
  line: number | null;
};

/** Every mistake found, together: fixing a file one error message at a time is a bad morning. */
export class ConfigMistakes extends Problem {
  readonly file: string;
  readonly mistakes: readonly ConfigMistake[];

  constructor(file: string, mistakes: readonly ConfigMistake[]) {
    super("config-mistakes", mistakesText(file, mistakes));
    this.name = "ConfigMistakes";
    this.file = file;
    this.mistakes = mistakes;
  }
}

/** `tenants[0].streams[1].class` of ["tenants", 0, "streams", 1, "class"]. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += text === "" ? String(part) : `.${String(part)}`;
  }
  return text;
}

function mistakesText(file: string, mistakes: readonly ConfigMistake[]): string {
  const count = mistakes.length === 1 ? "one mistake" : `${mistakes.length} mistakes`;
  const lines = mistakes.map((mistake) => {
    const where = [mistake.line === null ? "" : `line ${mistake.line}`, mistake.path]
      .filter((part) => part !== "")
      .join(", ");
    return where === "" ? `  ${mistake.sentence}` : `  ${where}:\n    ${mistake.sentence}`;
  });
  return `${file} has ${count}.\n${lines.join("\n")}`;
}

/** The known word nearest to `word`, when it is near enough to be meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + same));
    }
    row = next;
  }
  return row[b.length]!;
}
