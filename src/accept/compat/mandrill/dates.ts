/** `2026-11-25 09:30:00`, in UTC, as all instants there are written. */
export const dateThere = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace("T", " ");

const DATE = /^((?:19[7-9]\d|2\d{3})-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}:\d{2})(?:\.\d{1,9})?Z?)?$/;

/** Milliseconds since the epoch, or null where the text is no such date, or none there was mail at; a day alone is its first instant. */
export function readDate(text: string): number | null {
  const [, day, time = "00:00:00"] = DATE.exec(text.trim()) ?? [];
  const at = day === undefined ? Number.NaN : Date.parse(`${day}T${time}Z`);
  // The 31st of a month that has 30 days would be another day.
  return Number.isNaN(at) || !new Date(at).toISOString().startsWith(day!) ? null : at;
}

/** A day alone means the whole of it. */
export const isDayAlone = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text.trim());
