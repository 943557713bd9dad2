import { cut, displayWidth, padEnd, padStart, printable } from "./text.ts";

export type Column = {
  title: string;
  align?: "left" | "right";
  /** May be cut to this many columns where the terminal is too narrow; undefined: never. */
  least?: number;
  paint?: (padded: string, cell: string) => string;
};

const GAP = "  ";

/** Rows under titles, at most `width` columns wide where the columns that may be cut allow it. No trailing spaces. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string {
  const cells = rows.map((row) => row.map(printable));
  const widths = columns.map((column, n) =>
    Math.max(displayWidth(column.title), ...cells.map((row) => displayWidth(row[n] ?? ""))),
  );
  shrink(widths, columns, width);
  const line = (row: readonly string[], painted: boolean): string =>
    columns
      .map((column, n) => {
        const cell = row[n] ?? "";
        const short = cut(cell, widths[n]!);
        const last = n === columns.length - 1 && column.align !== "right";
        const padded = last ? short : (column.align === "right" ? padStart : padEnd)(short, widths[n]!);
        return painted && column.paint ? column.paint(padded, cell) : padded;
      })
      .join(GAP)
      .trimEnd();
  return [
    line(
      columns.map((column) => column.title),
      false,
    ),
    ...cells.map((row) => line(row, true)),
  ].join("\n");
}

/** Takes columns away where most are, until the line fits or nothing more may be cut. */
function shrink(widths: number[], columns: readonly Column[], width: number): void {
  const total = () => widths.reduce((sum, one) => sum + one, 0) + GAP.length * (columns.length - 1);
  while (total() > width) {
    let widest = -1;
    columns.forEach((column, n) => {
      const may = column.least !== undefined && widths[n]! > Math.max(column.least, displayWidth(column.title));
      if (may && (widest === -1 || widths[n]! > widths[widest]!)) widest = n;
    });
    if (widest === -1) return;
    widths[widest]! -= 1;
  }
}
