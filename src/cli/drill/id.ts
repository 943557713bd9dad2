import { Problem } from "../../kernel/index.ts";

/** @throws Problem `drill-not-found` */
export function idOf(word: string): number {
  if (/^\d{1,15}$/.test(word)) return Number(word);
  throw new Problem(
    "drill-not-found",
    `A drill is named by its number, such as 3; this is ${JSON.stringify(word)}. postern drill list shows them.`,
  );
}
