/**
 * Readers of JSON that somebody else wrote: what is not of the shape that is asked for is treated as absent, so that an
 * adapter needs no schema for answers of which it reads three fields.
 */
export type JsonRecord = Readonly<Record<string, unknown>>;

const NOTHING: JsonRecord = Object.freeze({});

/** Own properties only are read by index afterwards: JSON.parse makes no others, `__proto__` included. */
export const recordOf = (value: unknown): JsonRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonRecord) : NOTHING;

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Numbers are texts too: some APIs give the same id as either. Empty is absent. */
export const textOf = (value: unknown): string | null => {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : null;
};

export const numberOf = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;

export const booleanOf = (value: unknown): boolean | null => (typeof value === "boolean" ? value : null);

export const textsOf = (value: unknown): string[] =>
  listOf(value).flatMap((one) => {
    const text = textOf(one);
    return text === null ? [] : [text];
  });

/** Milliseconds of an ISO 8601 time, also PostgreSQL's form of it (`2023-10-06 23:47:56.678+00`); null where it is none. */
export function isoTimeOf(value: unknown): number | null {
  if (typeof value !== "string") return null;
  const at = Date.parse(value.replace(/^(\d{4}-\d\d-\d\d) /, "$1T").replace(/([+-]\d\d)$/, "$1:00"));
  return Number.isNaN(at) ? null : at;
}

/** @returns undefined where the octets are no JSON. */
export function jsonOf(octets: Buffer | string): unknown {
  try {
    return JSON.parse(octets.toString()) as unknown;
  } catch {
    return undefined;
  }
}
