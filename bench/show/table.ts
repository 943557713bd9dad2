/** Rows under titles; the first column left, the others right, since they are figures. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [titles, ...rows];
  const widths = titles.map((_, n) => Math.max(...all.map((row) => (row[n] ?? "").length)));
  const line = (row: readonly string[]): string =>
    widths.map((width, n) => (n === 0 ? (row[n] ?? "").padEnd(width) : (row[n] ?? "").padStart(width))).join("  ");
  return all.map((row) => line(row).trimEnd()).join("\n");
}

/** One line a value, as long as the value is great. */
export function bars(values: readonly { name: string; value: number; note?: string }[], width = 44): string {
  const greatest = Math.max(...values.map((one) => one.value), 0);
  const nameWidth = Math.max(...values.map((one) => one.name.length));
  return values
    .map(({ name, value, note }) => {
      const length = greatest === 0 ? 0 : Math.round((value / greatest) * width);
      const drawn = value > 0 ? "█".repeat(Math.max(1, length)) : "";
      return `${name.padEnd(nameWidth)}  ${drawn} ${note ?? grouped(value)}`;
    })
    .join("\n");
}

const LEVELS = "▁▂▃▄▅▆▇█";

/** A curve in one line: `width` columns, each the greatest of its share of the values. */
export function curve(values: readonly number[], width = 60): string {
  const greatest = Math.max(...values, 0);
  const columns = Math.min(width, values.length);
  return Array.from({ length: columns }, (_, n) => {
    const from = Math.floor((n * values.length) / columns);
    const share = values.slice(from, Math.max(from + 1, Math.floor(((n + 1) * values.length) / columns)));
    const height = greatest === 0 ? 0 : Math.round((Math.max(...share) / greatest) * (LEVELS.length - 1));
    return LEVELS[height]!;
  }).join("");
}

/** 12345.6 → 12,346 */
export const grouped = (value: number): string => Math.round(value).toLocaleString("en-US");

/** Three figures are what such a measurement is good for. */
export const short = (value: number | null, unit = ""): string =>
  value === null ? "–" : `${value >= 100 ? grouped(value) : Number(value.toPrecision(3))}${unit}`;
