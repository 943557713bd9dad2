/** What JSON leaves as it is and a terminal acts upon: C1 controls and what turns the reading direction. */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** ECMA-262 §21.4.1.1: no Date is further from the epoch. A provider's notice may name any number. */
const LAST_INSTANT = 8.64e15;

/**
 * Data as JSON; instants (`at`, `…At`) in RFC 3339, as the API writes them.
 * @param indent 0 for all of it on one line.
 */
export const jsonText = (value: unknown, indent = 2): string =>
  JSON.stringify(
    value,
    (key, part: unknown) =>
      typeof part === "number" && (key === "at" || key.endsWith("At")) && Math.abs(part) <= LAST_INSTANT
        ? new Date(part).toISOString()
        : part,
    indent,
  ).replace(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
