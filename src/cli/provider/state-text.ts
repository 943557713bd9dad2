import type { Paint } from "../paint.ts";

const GOOD = new Set(["HEALTHY"]);
const DOUBTED = new Set(["SUSPECT", "PROBING", "EVENTS_DARK"]);

/** The colour of a state. */
export const painted = (paint: Paint, state: string): ((text: string) => string) =>
  GOOD.has(state) ? paint.good : DOUBTED.has(state) ? paint.warn : paint.bad;
