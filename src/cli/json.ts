/** What JSON leaves as it is and a terminal acts upon: C1 controls and what turns the reading direction. */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Data as JSON; instants (`at`, `…At`) in RFC 3339, as the API writes them. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(
    value,
    (key, part: unknown) =>
      typeof part === "number" && (key === "at" || key.endsWith("At")) ? new Date(part).toISOString() : part,
    2,
  ).replace(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
