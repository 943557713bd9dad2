import type { z } from "zod";
import { type ConfigMistake, nearest, pathText } from "./mistakes.ts";
import type { YamlFile } from "./read-yaml.ts";

/** zod's findings as sentences that say what to do. */
export function shapeMistakes(
  issues: readonly z.core.$ZodIssue[],
  knownKeys: (path: readonly PropertyKey[]) => readonly string[],
  yaml: YamlFile,
): ConfigMistake[] {
  return issues.flatMap((issue): ConfigMistake[] => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => {
        const known = knownKeys(issue.path);
        const meant = nearest(key, known);
        const help = meant === undefined ? `Known here: ${known.join(", ")}.` : `Did you mean ${meant}?`;
        return at(yaml, [...issue.path, key], `is not a known setting. ${help}`);
      });
    }
    return [at(yaml, issue.path, sentenceOf(issue))];
  });
}

const at = (yaml: YamlFile, path: readonly PropertyKey[], sentence: string): ConfigMistake => ({
  path: pathText(path),
  sentence,
  line: yaml.lineOf(path),
});

function sentenceOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "custom":
      return issue.message;
    case "invalid_type": {
      const input = issue.input;
      if (input === undefined || input === null) return "is missing.";
      const wanted =
        issue.expected === "array"
          ? "a list"
          : issue.expected === "object" || issue.expected === "record"
            ? "a map of settings"
            : `a ${issue.expected}`;
      return `must be ${wanted}.`;
    }
    case "too_small":
      return `must name at least ${String(issue.minimum)}.`;
    default:
      return `${issue.message}.`;
  }
}
