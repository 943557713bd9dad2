import type { z } from "zod";

/** What a value must be, by zod's name of its type. */
const KINDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object of names and values",
};

/** What a length is counted in, by zod's name of what has it. */
const UNITS: Readonly<Record<string, string>> = { string: "character", array: "item" };

/**
 * Says what a schema found so that it follows on the place it speaks of: "/subject: is missing." Given to each
 * `safeParse`; what a schema says in its own words goes before it, and what is not here is said by zod.
 */
const sentenceOf = (issue: z.core.$ZodRawIssue): string | undefined => {
  switch (issue.code) {
    case "invalid_type": {
      if (issue.input === undefined) return "is missing.";
      const kind = KINDS[issue.expected];
      return kind && `must be ${kind}.`;
    }
    case "invalid_value":
      return `must be ${issue.values.length === 1 ? "" : "one of "}${issue.values.join(", ")}.`;
    case "too_big":
    case "too_small": {
      const [bound, least] = issue.code === "too_big" ? [issue.maximum, "most"] : [issue.minimum, "least"];
      const unit = UNITS[issue.origin];
      return unit
        ? `must have at ${least} ${bound} ${unit}${bound === 1 ? "" : "s"}.`
        : `must be at ${least} ${bound}.`;
    }
    default:
      return undefined;
  }
};

export const IN_WORDS: { error: typeof sentenceOf } = { error: sentenceOf };
