import { tagName } from "../tags.ts";
import type { SendEmail } from "./shape.ts";

/** Of each list in turn; a later value of a name stands. Ten labels are kept of a message. */
export function tagsOf(...given: SendEmail["EmailTags"][]): Record<string, string> {
  const tags = new Map<string, string>();
  for (const { Name, Value } of given.flatMap((list) => list ?? [])) {
    const name = tagName(Name);
    if (name !== "") tags.set(name, Value.slice(0, 256));
  }
  return Object.fromEntries([...tags].slice(0, 10));
}
