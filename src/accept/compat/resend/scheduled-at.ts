import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../kernel/index.ts";
import { readInstant } from "../../http/instant.ts";

const UNITS_MS: Record<string, number> = { min: MINUTE_MS, hour: HOUR_MS, day: DAY_MS };
const IN = /^in (\d{1,5}) (min|hour|day)(?:s|ute|utes)?$/i;

/**
 * resend.com/docs/dashboard/emails/schedule-email (seen 2026-11-25): an ISO 8601 instant or English words. Of the words
 * those that say how long from now are read; others ("tomorrow at 9am") depend on a time zone nobody named.
 * @returns ISO 8601, or null where it cannot be read.
 */
export function scheduledAt(text: string, now: number): string | null {
  const at = readInstant(text.trim());
  if (at !== null) return new Date(at).toISOString();
  const [, count, unit] = IN.exec(text.trim()) ?? [];
  return count === undefined ? null : new Date(now + Number(count) * UNITS_MS[unit!.toLowerCase()]!).toISOString();
}
