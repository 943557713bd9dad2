import type { ShownAlert } from "../../alerts/index.ts";

/** `chat, night` · `night waits (answered 503)` · `nobody`: who knows that it began, those who do not first. */
export function toldText({ told }: Pick<ShownAlert, "told">): string {
  const raised = told.filter(({ telling }) => telling === "raised");
  if (raised.length === 0) return "nobody";
  const knows = raised.filter(({ state }) => state === "delivered").map(({ target }) => target);
  const not = raised
    .filter(({ state }) => state !== "delivered")
    .map(({ target, state, error }) => `${target} ${state}${error === null ? "" : ` (${error})`}`);
  return [...not, ...knows].join(", ");
}
