const DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
/** RFC 5322 §3.3, without comments and without the zones of one letter; RFC 2822 is what it was called before. */
const DATE = new RegExp(
  `^(?:${DAY}, ?)?\\d{1,2} ${MONTH} \\d{4} \\d\\d:\\d\\d(?::\\d\\d)? (?:[+-]\\d{4}|GMT|UTC|UT|[ECMP][SD]T)$`,
  "i",
);

/**
 * Milliseconds since the epoch of an instant as RFC 2822 has it ("Date Format", documentation.mailgun.com, seen 2026-11-25).
 * @returns null where it is none.
 */
export function readDate(text: string): number | null {
  const plain = text.trim().replace(/\s+/g, " ");
  const at = DATE.test(plain) ? Date.parse(plain.replace(/ UTC?$/i, " GMT")) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

/** As a date, or in seconds since the epoch. */
export function readTime(text: string): number | null {
  return /^\d{1,11}(?:\.\d{1,9})?$/.test(text) ? Math.floor(Number(text) * 1_000) : readDate(text);
}
