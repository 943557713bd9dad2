import { ConfigMistakes, type Settings, configFile, warningsOf } from "../../config/index.ts";
import { Problem, causeText } from "../../kernel/index.ts";
import type { Run } from "../run.ts";
import { plural } from "../when.ts";
import { type Check, ok, warning, wrong } from "./check.ts";

const NAME = "configuration";

/** `settings` is null where the rest of the checks has nothing to work with. */
export function checkConfiguration(run: Run): { settings: Settings | null; checks: Check[] } {
  const { environment, cwd } = run.world;
  const file = configFile({ file: run.configFile, environment, cwd });
  try {
    const settings = run.settings();
    const sentence =
      file === null
        ? `Lab mode, because there is no postern.yaml in ${cwd}: nothing leaves this machine.`
        : `${file}: ${plural(settings.tenants.length, "tenant")}, ${plural(settings.providers.length, "provider")}.`;
    const warnings = warningsOf(settings).map((one) =>
      warning(NAME, `${one.path} ${sentenceOf(one.sentence)}`, nextOf(one.sentence)),
    );
    return { settings, checks: [ok(NAME, sentence), ...warnings] };
  } catch (error) {
    return { settings: null, checks: mistakes(error) };
  }
}

function mistakes(error: unknown): Check[] {
  if (error instanceof ConfigMistakes) {
    return error.mistakes.map(({ line, path, sentence }) => {
      const where = [error.file, line === null ? "" : `line ${line}`, path].filter((part) => part !== "").join(", ");
      return wrong(NAME, `${where}: ${sentence}`, "Mend it there and ask again.");
    });
  }
  if (error instanceof Problem) return [wrong(NAME, error.publicMessage, `The code is ${error.code}.`)];
  return [wrong(NAME, causeText(error), "Give this user access to it, or name another data folder.")];
}

/** Warnings say what is so and, after a colon or in a last sentence, what to do. */
const parts = (sentence: string): [string, string] => {
  const at = sentence.lastIndexOf(": ");
  if (at === -1) return [sentence, "Leave it only if it is meant."];
  const todo = sentence.slice(at + 2);
  return [`${sentence.slice(0, at)}.`, todo.charAt(0).toUpperCase() + todo.slice(1)];
};
const sentenceOf = (sentence: string): string => parts(sentence)[0];
const nextOf = (sentence: string): string => parts(sentence)[1];
