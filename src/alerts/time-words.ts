import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../kernel/index.ts";

const UNITS = [
  [HOUR_MS, "hour"],
  [MINUTE_MS, "minute"],
  [SECOND_MS, "second"],
] as const;

/** `40 seconds`, `1 minute`, `3 hours`: in the largest unit of which there are two, or the least. */
export function durationWords(ms: number): string {
  const [unitMs, unit] = UNITS.find(([each]) => ms >= 2 * each) ?? UNITS[2];
  const count = Math.floor(ms / unitMs);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** `2022-08-08 19:30:00 UTC` */
export const instantWords = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
