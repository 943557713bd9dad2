/** RFC 3339 §5.6, with the T and a zone; of years that there was mail in. */
const INSTANT = /^(?:19[7-9]\d|2\d{3})-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/i;

/** Milliseconds since the epoch, or null where the text is no instant. */
export function readInstant(text: string): number | null {
  const at = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

export const NOT_AN_INSTANT = "must be an instant such as 2026-03-01T09:30:00Z.";
