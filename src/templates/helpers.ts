import type { Helper } from "./ast.ts";
import { isMissing, isPlain, isTruthy, textOf } from "./values.ts";

/** What may be asked of values. `required` is the renderer's own, since it may end the rendering. */
export const HELPERS: Readonly<Record<Exclude<Helper, "required">, (values: readonly unknown[]) => unknown>> = {
  equals: ([a, b]) => isEqual(a, b),
  notEquals: ([a, b]) => !isEqual(a, b),
  and: (values) => values.every(isTruthy),
  or: (values) => values.some(isTruthy),
  not: ([value]) => !isTruthy(value),
  greaterThan: ([a, b]) => compared(a, b, (order) => order > 0),
  lessThan: ([a, b]) => compared(a, b, (order) => order < 0),
  atLeast: ([a, b]) => compared(a, b, (order) => order >= 0),
  atMost: ([a, b]) => compared(a, b, (order) => order <= 0),
  length: ([value]) =>
    Array.isArray(value) || typeof value === "string" ? value.length : isPlain(value) ? Object.keys(value).length : 0,
  fallback: ([value, other]) => (isMissing(value) || value === "" ? other : value),
  upper: ([value]) => textOf(value)?.toUpperCase() ?? value,
  lower: ([value]) => textOf(value)?.toLowerCase() ?? value,
  title: ([value]) =>
    textOf(value)
      ?.toLowerCase()
      .replace(/(?<![\p{L}\p{N}'’])\p{L}/gu, (letter) => letter.toUpperCase()) ?? value,
  url: ([value]) => {
    const text = textOf(value);
    return text === null ? value : encodeURIComponent(text.toWellFormed());
  },
  striptags: ([value]) => textOf(value)?.replace(/<[^<>]*>/g, "") ?? value,
};

/** Texts and numbers that print the same are the same, as in `"1"` and `1`. */
const isEqual = (a: unknown, b: unknown): boolean => {
  if (isMissing(a) || isMissing(b)) return isMissing(a) && isMissing(b);
  const [left, right] = [textOf(a), textOf(b)];
  return left !== null && left === right;
};

/** As numbers where both are, else as texts; what is neither compares with nothing. */
function compared(a: unknown, b: unknown, is: (order: number) => boolean): boolean {
  const [left, right] = [textOf(a), textOf(b)];
  if (left === null || right === null) return false;
  if (isNumeric(left) && isNumeric(right)) return is(Number(left) - Number(right));
  return is(left < right ? -1 : left > right ? 1 : 0);
}
const isNumeric = (text: string): boolean => text.trim() !== "" && Number.isFinite(Number(text));
