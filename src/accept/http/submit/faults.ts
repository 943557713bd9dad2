import type { z } from "zod";
import { HTTP_BOUNDS } from "../bounds.ts";
import type { Fault } from "../problem.ts";

/** A name of the client's own comes back to it; a long one only as its beginning. */
const STEP_CHARACTERS = 100;

/** RFC 6901 §3. */
export const pointerTo = (path: readonly PropertyKey[]): string =>
  path.map((step) => `/${stepText(String(step))}`).join("");

const stepText = (step: string): string =>
  (step.length > STEP_CHARACTERS ? `${step.slice(0, STEP_CHARACTERS)}…` : step)
    .replaceAll("~", "~0")
    .replaceAll("/", "~1");

/** What a schema found, as faults with pointers. */
export function shapeFaults(error: z.ZodError): Fault[] {
  const faults: Fault[] = [];
  for (const issue of error.issues) {
    if (faults.length >= HTTP_BOUNDS.faults) break;
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys)
        faults.push({ pointer: pointerTo([...issue.path, key]), detail: "is not a known member." });
    } else faults.push({ pointer: pointerTo(issue.path), detail: issue.message });
  }
  return faults.slice(0, HTTP_BOUNDS.faults);
}

/** Collects faults while a request is read; readers go on after a fault so that one answer tells them all. */
export class Faults {
  readonly list: Fault[] = [];
  add(pointer: string, detail: string): void {
    if (this.list.length < HTTP_BOUNDS.faults) this.list.push({ pointer, detail });
  }
  get found(): boolean {
    return this.list.length > 0;
  }
}
