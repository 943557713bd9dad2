import type { Drill, DrillReport } from "../../drill/index.ts";
import { columnsOf, levelOf } from "../curve.ts";

/** Messages over time, through the provider and through the others, and a line that shows where the drill was. */
export function chartLines(drill: Drill, { chart, during }: DrillReport, columns: number): string[] {
  const names = [drill.provider, "others", ""];
  const width = Math.max(...names.map((name) => name.length));
  const cells = Math.max(10, Math.min(chart.it.length, columns - width - 2));
  const greatest = Math.max(...chart.it, ...chart.others, 1);
  const length = chart.toAt - chart.fromAt;
  const cellOf = (at: number): number =>
    length === 0 ? 0 : Math.min(cells - 1, Math.max(0, Math.floor(((at - chart.fromAt) / length) * cells)));
  const from = cellOf(during.fromAt);
  const to = Math.max(from + 1, cellOf(during.toAt));
  const ruler = `${" ".repeat(from)}${rulerOf(to - from)}`;
  return [
    `${drill.provider.padEnd(width)}  ${curve(chart.it, cells, greatest)}`,
    `${"others".padEnd(width)}  ${curve(chart.others, cells, greatest)}`,
    `${" ".repeat(width)}  ${ruler}`,
  ];
}

const WORD = "drill";
const rulerOf = (length: number): string => {
  if (length < WORD.length + 4) return "└".padEnd(length, "─");
  const rest = length - WORD.length - 4;
  const left = Math.floor(rest / 2);
  return `└${"─".repeat(left)} ${WORD} ${"─".repeat(rest - left)}┘`;
};

/** Nothing is a space, so that a withdrawal shows. */
const curve = (values: readonly number[], width: number, greatest: number): string =>
  columnsOf(values, width)
    .map((value) => (value ? levelOf(value, greatest) : " "))
    .join("")
    .trimEnd();
