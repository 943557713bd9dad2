import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { ROOT, type SourceFile, filesLike, isTest, placeOf, tell } from "./findings.ts";

/**
 * Holds docs/rfc.tsv and the code against each other: every section the code cites has a row, and every row that says
 * yes or partial names a file that cites that section. So the list neither lags behind nor boasts.
 */
export const RFC_LIST = "docs/rfc.tsv";
const COLUMNS = ["rfc", "section", "status", "where", "note"];
const STATUSES = ["yes", "partial", "no"];

type Row = { line: number; rfc: string; section: string; status: string; where: string; note: string };
export type Citation = { rfc: string; section: string; offset: number };

// `RFC 5321 §2.3.8, §4.5.3.1.6; RFC 5322 §2.1.1`: sections belong to the last RFC named before them, across the lines of a comment.
const GAP = String.raw`\s*(?:\n\s*(?:\*|//)\s*)?`;
const CITATION = new RegExp(String.raw`RFC (\d{3,5})((?:(?:,|,? and)?${GAP}§[\dA-Z]+(?:\.\d+)*(?:–\d+)?)+)`, "g");
const SECTION = /§([\dA-Z]+(?:\.\d+)*)(?:–(\d+))?/g;

/** Every cited section; `§4.5.3.1.1–2` is two. */
export const citationsOf = (text: string): Citation[] =>
  [...text.matchAll(CITATION)].flatMap((match) =>
    [...match[2]!.matchAll(SECTION)].flatMap(([, first, last]) =>
      spread(first!, last).map((section) => ({ rfc: match[1]!, section, offset: match.index })),
    ),
  );

function spread(first: string, last: string | undefined): string[] {
  if (last === undefined) return [first];
  const stem = first.slice(0, first.lastIndexOf(".") + 1);
  const from = Number(first.slice(stem.length));
  return Array.from({ length: Number(last) - from + 1 }, (_, n) => `${stem}${from + n}`);
}

export function checkRfc(list: string, files: readonly SourceFile[]): string[] {
  const { rows, faults } = readRows(list);
  const known = new Set(rows.map((row) => `${row.rfc} ${row.section}`));
  const cited = files.map((file) => ({ file, citations: citationsOf(file.text) }));
  const missing = cited.flatMap(({ file, citations }) =>
    citations
      .filter((one) => !known.has(`${one.rfc} ${one.section}`))
      .map(
        (one) =>
          `${placeOf(file, one.offset)} cites RFC ${one.rfc} §${one.section}, which has no row in ${RFC_LIST}. Add one that says how far it is obeyed.`,
      ),
  );
  const boasts = rows
    .filter((row) => row.status !== "no")
    .flatMap((row) => {
      const place = `${RFC_LIST}:${row.line}`;
      const there = cited.find(({ file }) => file.name === row.where);
      if (!there)
        return [
          `${place} names ${row.where || "no file"}, which is no file of src/. Name the file that obeys the section.`,
        ];
      return there.citations.some((one) => one.rfc === row.rfc && one.section === row.section)
        ? []
        : [
            `${place} says that ${row.where} obeys RFC ${row.rfc} §${row.section}, but it does not cite it. Cite it at the line that obeys it.`,
          ];
    });
  return [...faults, ...missing, ...boasts];
}

function readRows(list: string): { rows: Row[]; faults: string[] } {
  const rows: Row[] = [];
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const [n, text] of list.replace(/\n$/, "").split("\n").entries()) {
    const line = n + 1;
    const cells = text.split("\t");
    if (n === 0) {
      if (text !== COLUMNS.join("\t")) faults.push(`${RFC_LIST}:1 must name the columns ${COLUMNS.join(", ")}.`);
      continue;
    }
    const [rfc = "", section = "", status = "", where = "", note = ""] = cells;
    const key = `${rfc} ${section}`;
    if (cells.length !== COLUMNS.length)
      faults.push(`${RFC_LIST}:${line} has ${cells.length} cells, not ${COLUMNS.length}.`);
    else if (!STATUSES.includes(status))
      faults.push(`${RFC_LIST}:${line} has the status ${status}: one of ${STATUSES.join(", ")}.`);
    else if (status !== "yes" && note === "")
      faults.push(`${RFC_LIST}:${line} says ${status} without a note. Say what is missing and why.`);
    else if (seen.has(key)) faults.push(`${RFC_LIST}:${line} repeats RFC ${rfc} §${section}.`);
    else rows.push({ line, rfc, section, status, where, note });
    seen.add(key);
  }
  return { rows, faults };
}

if (import.meta.main) {
  const file = path.join(ROOT, RFC_LIST);
  const sources = filesLike(ROOT, ["src/**/*.ts"]).filter((one) => !isTest(one.name));
  tell(
    existsSync(file) ? checkRfc(readFileSync(file, "utf8"), sources) : [`${RFC_LIST} is missing.`],
    `Every cited section has its row in ${RFC_LIST}.`,
  );
}
