import { readFileSync } from "node:fs";
import { LineCounter, isMap, isNode, isPair, isSeq, parseDocument } from "yaml";
import { type ConfigMistake, ConfigMistakes } from "./mistakes.ts";
import { whyUnreadable } from "./secrets.ts";

export type YamlFile = {
  value: unknown;
  /** Line (from 1) of the value at `path`, or of the nearest thing above it. */
  lineOf(path: readonly PropertyKey[]): number | null;
};

/** @throws ConfigMistakes when the file cannot be read or is no YAML. `shown` is the file's name in sentences. */
export function readYaml(file: string, shown: string): YamlFile {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigMistakes(shown, [{ path: "", sentence: `The file ${file} ${whyUnreadable(error)}.`, line: null }]);
  }
  const lines = new LineCounter();
  // Keys given twice would let one of two settings win in silence; merge keys are not part of YAML 1.2.
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    prettyErrors: true,
    logLevel: "error",
  });
  if (document.errors.length > 0) {
    const mistakes = document.errors.map((error): ConfigMistake => {
      const at = error.linePos?.[0];
      const reason = error.message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, "");
      return {
        path: at ? `column ${at.col}` : "",
        sentence: `${reason}.`.replace(/\.\.$/, "."),
        line: at?.line ?? null,
      };
    });
    throw new ConfigMistakes(shown, mistakes);
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 50 });
  } catch {
    throw new ConfigMistakes(shown, [
      { path: "", sentence: "Aliases (*name) multiply without end: write the values out.", line: null },
    ]);
  }
  return {
    value,
    lineOf(path) {
      let node: unknown = document.contents;
      let offset = isNode(node) ? node.range?.[0] : undefined;
      for (const part of path) {
        if (isMap(node)) {
          const pair = node.items.find((item) => isPair(item) && String(item.key) === String(part));
          if (!pair) break;
          if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
          node = pair.value;
        } else if (isSeq(node) && typeof part === "number") {
          node = node.items[part];
          if (!isNode(node)) break;
          offset = node.range?.[0] ?? offset;
        } else break;
      }
      return offset === undefined ? null : lines.linePos(offset).line;
    },
  };
}
