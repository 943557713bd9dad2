import type { Faults } from "./faults.ts";
import { pointerTo } from "./faults.ts";
import { headerTextFault } from "./text-values.ts";

const TAG_COUNT = 10;
const TAG_NAME = /^[A-Za-z0-9_.-]{1,64}$/;

/** Labels of a message, checked. They are shown to people and kept in rows, never in the message. */
export function readTags(given: Record<string, string>, faults: Faults): Record<string, string> {
  const names = Object.keys(given);
  if (names.length > TAG_COUNT) faults.add("/tags", `has ${names.length} tags; at most ${TAG_COUNT} are kept.`);
  for (const name of names.slice(0, TAG_COUNT)) {
    const fault = TAG_NAME.test(name)
      ? headerTextFault(given[name]!)
      : "is no tag name: use up to 64 letters, digits, _ . or -.";
    if (fault !== null) faults.add(pointerTo(["tags", name]), fault);
  }
  return given;
}
