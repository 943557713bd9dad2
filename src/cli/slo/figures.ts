import type { StreamAssurance } from "../../slo/index.ts";
import { columnsOf, levelOf } from "../curve.ts";
import type { Paint } from "../paint.ts";
import { span } from "../when.ts";

export type View = { columns: number; paint: Paint };

/** `99 % in 1m, 30d`: what is promised. */
export const promise = ({ objective }: StreamAssurance): string =>
  `${share(objective.target)} in ${span(objective.withinMs)}`;

export const share = (part: number): string => `${Number((part * 100).toFixed(part > 0.99 && part < 1 ? 2 : 1))} %`;
export const took = (ms: number | null): string =>
  ms === null ? "–" : ms < 1_000 ? `${ms}ms` : ms < 10_000 ? `${(ms / 1_000).toFixed(1)}s` : span(ms);
export const rate = (one: number): string => (one >= 100 ? one.toFixed(0) : one.toFixed(1));

/** What is left of a budget, as ten cells and a figure; spent and overspent are a row of nothing. */
export function budgetBar(left: number): string {
  const full = Math.round(Math.min(1, Math.max(0, left)) * 10);
  return `${"█".repeat(full)}${"░".repeat(10 - full)} ${left < -9.99 ? "< -999 %" : `${Math.round(left * 100)} %`}`;
}

export const budgetPaint = (paint: Paint, left: number): ((text: string) => string) =>
  left >= 0.5 ? paint.good : left >= 0 ? paint.warn : paint.bad;

/** Each cell the greatest of its share of the values; null (nothing happened) is a dot. */
export function sparkline(values: readonly (number | null)[], width: number): string {
  const most = Math.max(...values.map((value) => value ?? 0), 0);
  return columnsOf(values, Math.min(width, values.length))
    .map((value) => (value === null ? "·" : levelOf(value, most)))
    .join("");
}
