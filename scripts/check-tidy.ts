import { existsSync } from "node:fs";
import path from "node:path";
import { CODE, ROOT, type SourceFile, filesLike, isTest, placeOf, tell, withoutComments } from "./findings.ts";

/**
 * What a reader may rely on without looking: every code a client can see is explained, every table is accounted for,
 * files stay small, nothing is left half done, and time, chance and environment come in by parameter.
 */
export function checkTidy(project: {
  code: readonly SourceFile[];
  migrations: readonly SourceFile[];
  /** Everything a stranger reads: code, documents, scripts. */
  texts: readonly SourceFile[];
  failures: string;
  data: string;
}): string[] {
  const program = project.code.filter((file) => file.name.startsWith("src/") && !isTest(file.name));
  return [
    ...failureCodes(program, project.failures),
    ...tables([...project.migrations, ...program], project.data),
    ...project.code.flatMap(fileFaults),
    ...program.flatMap(hiddenInputs),
    ...project.texts.flatMap(machinePaths),
  ];
}

const FAILURES = "docs/failures.md";
const DATA = "docs/data.md";
const LINES_MAX = 400;

/** `new Problem("code"`, `refusal("code"`, `problem(422, "code"`: what a client or an operator is told. */
const CODE_CALL =
  /\b(?:new [A-Z]?\w*Problem|problem|mistake|lastWord|\w*[rR]efusal)\(\s*(?:\d{3},\s*)?"([a-z][a-z0-9]*(?:-[a-z0-9]+)*)"/g;
/** Of one word are the codes of other libraries (zod's `custom`); ours given this way have two or more. */
const CODE_MEMBER = /\bcode:\s*((?:\|?\s*"[a-z][a-z0-9]*(?:-[a-z0-9]+)+"\s*)+)/g;

export function codesIn(file: SourceFile): { code: string; offset: number }[] {
  const text = withoutComments(file.text);
  return [
    ...[...text.matchAll(CODE_CALL)].map((match) => ({ code: match[1]!, offset: match.index })),
    ...[...text.matchAll(CODE_MEMBER)].flatMap((match) =>
      [...match[1]!.matchAll(/"([^"]+)"/g)].map(([, code]) => ({ code: code!, offset: match.index })),
    ),
  ];
}

/** The first cells of a table's rows, where each is one name in backticks. */
const namedRows = (table: string): Set<string> =>
  new Set([...table.matchAll(/^\| *`([^`|]+)` *\|/gm)].map((match) => match[1]!));

function failureCodes(program: readonly SourceFile[], failures: string): string[] {
  const listed = namedRows(failures);
  const found = program.flatMap((file) => codesIn(file).map((one) => ({ ...one, file })));
  const texts = program.map((file) => file.text);
  const unlisted = new Map(found.filter((one) => !listed.has(one.code)).map((one) => [one.code, one]));
  return [
    ...[...unlisted.values()].map(
      (one) =>
        `${placeOf(one.file, one.offset)} has the code ${one.code}, which ${FAILURES} does not list. Add a row: what it means, what to do.`,
    ),
    ...[...listed]
      .filter((code) => !texts.some((text) => text.includes(`"${code}"`)))
      .map((code) => `${FAILURES} lists ${code}, which no file of src/ has. Take the row out, or correct it.`),
  ];
}

function tables(sources: readonly SourceFile[], data: string): string[] {
  const listed = namedRows(data);
  const made = new Set(
    sources.flatMap((file) => [...file.text.matchAll(/CREATE TABLE IF NOT EXISTS (\w+)/g)].map((match) => match[1]!)),
  );
  return [
    ...[...made]
      .filter((table) => !listed.has(table))
      .map(
        (table) =>
          `The table ${table} has no row in ${DATA}. Add one: owner, meaning, retention, personal data, tenant key.`,
      ),
    ...[...listed]
      .filter((table) => !made.has(table))
      .map((table) => `${DATA} lists the table ${table}, which no migration makes. Take the row out, or correct it.`),
  ];
}

function fileFaults(file: SourceFile): string[] {
  const lines = file.text.split("\n").length - 1;
  const undone = /\b(?:TO[D]O|FIX[M]E|XX[X])\b/.exec(file.text);
  const only = isTest(file.name) ? /\b(?:test|it|describe|suite)\.only\(|\bonly: true\b/.exec(file.text) : null;
  return [
    ...(lines > LINES_MAX
      ? [`${file.name} has ${lines} lines; above ${LINES_MAX} a file is more than one idea. Split it.`]
      : []),
    ...(undone
      ? [`${placeOf(file, undone.index)} leaves something undone (${undone[0]}). Do it, or write it down as an issue.`]
      : []),
    ...(only ? [`${placeOf(file, only.index)} runs one test only. Take the mark out.`] : []),
  ];
}

/** Where time itself is, and where a rehearsal tells real time from its own. */
const CLOCKS = /^src\/(?:(?:kernel|client)\/clock|lab\/rehearsal\/(?:under-way|run|world))\.ts$/;

/** Each with the places that may have it. */
const HIDDEN_INPUTS: readonly { what: string; pattern: RegExp; where: RegExp }[] = [
  { what: "the wall clock", pattern: /\bDate\.now\(|\bnew Date\(\)/g, where: CLOCKS },
  {
    what: "a clock of its own",
    pattern: /\bperformance\.now\(|process\.hrtime\b/g,
    where: CLOCKS,
  },
  {
    what: "a timer of its own",
    pattern: /(?<![.\w])(?:setTimeout|setInterval)\(/g,
    where: CLOCKS,
  },
  { what: "chance of its own", pattern: /\bMath\.random\(/g, where: /^$/ },
  { what: "the environment", pattern: /\bprocess\.env\b/g, where: /^src\/(?:main\.ts|config\/.*)$/ },
];

function hiddenInputs(file: SourceFile): string[] {
  const text = withoutComments(file.text);
  return HIDDEN_INPUTS.filter(({ where }) => !where.test(file.name)).flatMap(({ what, pattern }) =>
    [...text.matchAll(pattern)].map(
      (match) =>
        `${placeOf(file, match.index)} reads ${what} (${match[0]}). Take it as a parameter (Clock, Random, Settings), so that a test can set it.`,
    ),
  );
}

/** Folders of one person's machine; a stranger has none of them. */
const MACHINE_PATH = /(?<![\w./~$}-])\/(?:home|Users|work|root)\/[\w.-]+/g;

const machinePaths = (file: SourceFile): string[] =>
  [...file.text.matchAll(MACHINE_PATH)].map(
    (match) =>
      `${placeOf(file, match.index)} names a folder of one machine (${match[0]}…). Make it relative, or a setting.`,
  );

if (import.meta.main) {
  const textOf = (name: string) => filesLike(ROOT, [name])[0]?.text ?? "";
  const findings = checkTidy({
    code: filesLike(ROOT, CODE),
    migrations: filesLike(ROOT, ["migrations/[0-9]*.sql"]),
    texts: filesLike(ROOT, [...CODE, "*.md", "docs/**/*.md", "migrations/*.sql", "bin/*", ".ci/*", "*.json", "*.yaml"]),
    failures: textOf(FAILURES),
    data: textOf(DATA),
  });
  const absent = ["README.md", "CHANGELOG.md", "LICENSE", FAILURES, DATA].filter(
    (name) => !existsSync(path.join(ROOT, name)),
  );
  tell(
    [...absent.map((name) => `${name} is missing.`), ...findings],
    "Codes, tables and files are as the documents say.",
  );
}
