import path from "node:path";
import type { TestEvent } from "node:test/reporters";
import { inspect, stripVTControlCharacters, styleText } from "node:util";

/**
 * Tells a run briefly: a line per test file with the figures it tells, then what failed in full, what was skipped and why, and last the closing
 * lines of node's own test runner (`ℹ tests 812`, `ℹ pass 810`, …) as they are.
 */
export async function* report(root: string, events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const failures: string[] = [];
  const skips: string[] = [];
  const closing: string[] = [];
  /** Figures that tests tell (`t.diagnostic`), by file; node's own counts of a file are in its line already. */
  const figures = new Map<string, string[]>();
  const place = (file: string | undefined) => (file === undefined ? "" : path.relative(root, file));

  for await (const event of events) {
    switch (event.type) {
      case "test:fail":
        if (event.data.details.error.cause === undefined || !isOnlyOfSubtests(event.data.details.error))
          failures.push(failureText(place(event.data.file), event.data));
        break;
      case "test:pass":
        if (event.data.skip !== undefined && event.data.skip !== false)
          skips.push(`${place(event.data.file)}: ${event.data.name}: ${reasonOf(event.data.skip)}`);
        break;
      case "test:stdout":
      case "test:stderr":
        yield event.data.message;
        break;
      case "test:summary": {
        const { file, counts, duration_ms: ms, success } = event.data;
        if (file === undefined) break;
        const mark = success ? styleText("green", "✔") : styleText("red", "✖");
        const failed = counts.tests - counts.passed - counts.skipped - counts.todo;
        const said = success ? `${counts.tests} tests` : `${failed} of ${counts.tests} tests failed`;
        yield `${mark} ${place(file)}  ${said}, ${(ms / 1000).toFixed(1)} s\n`;
        for (const figure of figures.get(file) ?? []) yield `    ${figure}\n`;
        break;
      }
      case "test:diagnostic":
        if (event.data.file === undefined) closing.push(`ℹ ${event.data.message}\n`);
        else if (!OWN_COUNT.test(event.data.message))
          figures.set(event.data.file, [...(figures.get(event.data.file) ?? []), event.data.message]);
        break;
    }
  }
  if (failures.length > 0) yield `\n${styleText("red", "Failed:")}\n${failures.join("\n")}\n`;
  if (skips.length > 0) yield `\nSkipped:\n${skips.map((line) => `  ${line}\n`).join("")}`;
  yield `\n${closing.join("")}`;
}

const OWN_COUNT = /^(?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/;

const reasonOf = (skip: string | boolean): string =>
  typeof skip === "string" && skip !== "" ? skip : "no reason given";

/** A suite that failed because a test in it did says nothing new. */
const isOnlyOfSubtests = (error: Error & { failureType?: string }): boolean => error.failureType === "subtestsFailed";

function failureText(
  file: string,
  data: { name: string; line?: number | undefined; details: { error: Error & { failureType?: string } } },
): string {
  const { error } = data.details;
  const cause = error.cause ?? error;
  const told = typeof cause === "string" ? cause : inspect(cause, { colors: false });
  const where = `${file}${data.line === undefined ? "" : `:${data.line}`}`;
  const text = stripVTControlCharacters(told)
    .split("\n")
    .filter((line) => !/^\s+at .*\(?node:internal/.test(line))
    .map((line) => `    ${line}`)
    .join("\n");
  return `${styleText("red", "✖")} ${data.name}\n    at ${where}\n${text}\n`;
}
