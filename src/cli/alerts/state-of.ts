import type { ShownAlert } from "../../alerts/index.ts";
import type { Paint } from "../paint.ts";

type State = "open" | "taken on" | "over";

export const stateOf = ({ resolvedAt, acknowledgedAt }: ShownAlert): State =>
  resolvedAt !== null ? "over" : acknowledgedAt !== null ? "taken on" : "open";

/** Red is what nobody has taken on and somebody has to. */
export const painted = (paint: Paint, { severity }: Pick<ShownAlert, "severity">, state: State) =>
  state === "over" ? paint.quiet : state === "open" && severity === "page" ? paint.bad : paint.warn;
