import type { Paint } from "../paint.ts";
import { padEnd, printable, wrap } from "../text.ts";
import { plural } from "../when.ts";
import type { Check, CheckState } from "./check.ts";

const STATE_WIDTH = "not checked".length;

/** The checks as a table of at most `width` columns, then the sum of it in a sentence. */
export function reportText(checks: readonly Check[], width: number, paint: Paint): string {
  const nameWidth = Math.max(...checks.map((check) => check.name.length));
  const indent = STATE_WIDTH + nameWidth + 4;
  const room = Math.max(30, width - indent);
  const lines = checks.flatMap(({ name, state, sentence, next }) => {
    const head = `${colourOf(state, paint)(padEnd(state, STATE_WIDTH))}  ${padEnd(printable(name), nameWidth)}  `;
    const said = wrap(printable(sentence), room).map((line, n) => (n === 0 ? head : " ".repeat(indent)) + line);
    const todo = next === null ? [] : wrap(printable(next), room - 2);
    return [...said, ...todo.map((line, n) => `${" ".repeat(indent)}${n === 0 ? "→ " : "  "}${line}`)];
  });
  return [...lines, "", verdict(checks)].join("\n");
}

const colourOf = (state: CheckState, paint: Paint): ((text: string) => string) =>
  ({ ok: paint.good, warning: paint.warn, wrong: paint.bad, "not checked": paint.quiet })[state];

export function verdict(checks: readonly Check[]): string {
  const count = (state: CheckState) => checks.filter((check) => check.state === state).length;
  const [wrong, warning, skipped] = [count("wrong"), count("warning"), count("not checked")];
  const parts = [
    ...(wrong > 0 ? [`${plural(wrong, "thing")} ${wrong === 1 ? "is" : "are"} wrong`] : []),
    ...(warning > 0 ? [`${plural(warning, "thing")} ${warning === 1 ? "deserves" : "deserve"} a look`] : []),
    ...(skipped > 0 ? [`${plural(skipped, "thing")} could not be checked`] : []),
  ];
  if (parts.length === 0) return "Everything is in order.";
  return wrong + warning === 0
    ? `Everything that was checked is in order; ${parts.join(", ")}.`
    : `${parts.join(", ")}.`;
}
