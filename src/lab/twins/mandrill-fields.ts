/** Reading of what was sent to the twin; its own, so that no mistake of the adapter's can hide in it. */
export type JsonRecord = Readonly<Record<string, unknown>>;

export const recordOf = (value: unknown): JsonRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonRecord) : {};
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
export const textsOf = (value: unknown): string[] => listOf(value).flatMap((one) => textOf(one) ?? []);
