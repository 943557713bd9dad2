import { durationWords, instantWords } from "./time-words.ts";

/** `claimed: 4, sinceAt: 2022-08-08 19:29:12 UTC, within: 15 seconds`: the numbers of a verdict as a person reads them. */
export const figuresText = (numbers: Readonly<Record<string, number | string>>): string =>
  Object.entries(numbers)
    .map(([name, value]) => figure(name, value))
    .join(", ");

/** ECMA-262 §21.4.1.1: no Date is further from the epoch. */
const LAST_INSTANT = 8.64e15;

function figure(name: string, value: number | string): string {
  if (typeof value === "string") return `${name}: ${value}`;
  if (name.endsWith("At") && Math.abs(value) <= LAST_INSTANT) return `${name}: ${instantWords(value)}`;
  if (name.endsWith("Ms")) return `${name.slice(0, -2)}: ${durationWords(value)}`;
  return `${name}: ${Number(value.toPrecision(4))}`;
}
