/** Times, durations and sizes as people say them. */
const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
] as const;

/** `0.4s`, `12s`, `3m 20s`, `14m`, `2h 5m`, `3d`: two units while the first is below ten. */
export function span(ms: number): string {
  if (ms < 0) return `-${span(-ms)}`;
  if (ms < 1_000) return ms === 0 ? "0s" : `${(Math.max(ms, 1) / 1_000).toFixed(ms < 100 ? 3 : 2)}s`;
  const first = UNITS.findIndex(([, each]) => ms >= each);
  const [unit, each] = UNITS[first]!;
  const count = Math.floor(ms / each);
  const next = UNITS[first + 1];
  if (count >= 10 || next === undefined) return `${count}${unit}`;
  const rest = Math.floor((ms % each) / next[1]);
  return rest === 0 ? `${count}${unit}` : `${count}${unit} ${rest}${next[0]}`;
}

/** `3m 20s ago`, `in 40s`, `now`, seen from `now`. */
export function when(at: number, now: number): string {
  const away = at - now;
  if (Math.abs(away) < 1_000) return "now";
  return away > 0 ? `in ${span(away)}` : `${span(-away)} ago`;
}

/** `2025-11-24 22:49:12 UTC`. */
export const instant = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;

/** `812 B`, `4.9 KiB`, `10 MiB`. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = "B";
  for (const next of ["KiB", "MiB", "GiB", "TiB"]) {
    if (value < 1024) break;
    value /= 1024;
    unit = next;
  }
  return `${unit === "B" || value >= 100 ? Math.round(value) : Number(value.toFixed(1))} ${unit}`;
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  count === 1 ? `1 ${one}` : `${count.toLocaleString("en")} ${many}`;
