/** A field is quoted, or ends before a comma or the line's end (RFC 4180 §2). */
const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;

/** Lines as what stands under the names of the first one. Null: a quote stands where none may, or never ends. */
export function readCsv(text: string): Record<string, string>[] | null {
  const lines: string[][] = [];
  let line: string[] = [];
  FIELD.lastIndex = text.startsWith("\uFEFF") ? 1 : 0;
  while (FIELD.lastIndex < text.length) {
    const read = FIELD.exec(text);
    if (!read) return null;
    line.push(read[1]?.replaceAll('""', '"') ?? read[2]!.trim());
    if (read[3] === ",") continue;
    if (line.some((field) => field !== "")) lines.push(line);
    line = [];
  }
  if (line.length > 0) lines.push([...line, ""]); // the last line ends in a comma
  const [names, ...rows] = lines;
  if (!names) return null;
  return rows.map((fields) =>
    Object.fromEntries(names.map((name, index) => [name.toLowerCase(), fields[index] ?? ""] as const)),
  );
}
