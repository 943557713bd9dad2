import type { AccountReading } from "../adopt/items.ts";
import type { JsonRecord } from "../json-reading.ts";
import { rejectItems } from "./adopt.ts";

/** The first line of rejects.csv names its columns (exports/rejects: "email, reason, detail, created_at, …", seen 2026-11-25). */
const NEEDED = ["email", "reason"];

/** Mandrill's denylist from the file of its export, which has all of it. */
export async function* readMandrillRejects(file: string): AsyncGenerator<AccountReading> {
  const [head, ...lines] = csvLines(file);
  const names = (head ?? []).map((name) => name.trim().toLowerCase().replaceAll(" ", "_"));
  if (!NEEDED.every((name) => names.includes(name))) {
    const reason = `the file of --rejects has no columns ${NEEDED.join(", ")}`;
    yield { kind: "missing", part: "suppressions", because: "unreadable", reason };
    return;
  }
  const rows = lines.map((cells): JsonRecord => Object.fromEntries(names.map((name, n) => [name, cells[n] ?? ""])));
  for (const item of rejectItems(rows)) yield { kind: "item", ...item };
  yield { kind: "read", part: "suppressions" };
}

/** RFC 4180: cells in quotes may hold commas, line ends and doubled quotes. */
function csvLines(text: string): string[][] {
  const lines: string[][] = [];
  let cells: string[] = [];
  for (const [, quoted, plain, end] of text
    .replace(/^\ufeff/, "")
    .matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|\r|$)/g)) {
    cells.push(quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    if (cells.length > 1 || cells[0] !== "") lines.push(cells);
    cells = [];
  }
  return lines;
}
