/** Data as JSON; instants (`at`, `…At`) in ISO 8601, as the API writes them. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(
    value,
    (key, part: unknown) =>
      typeof part === "number" && (key === "at" || key.endsWith("At")) ? new Date(part).toISOString() : part,
    2,
  );
