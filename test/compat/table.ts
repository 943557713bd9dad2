import { type ClientResults, shareThatWorks } from "./call.ts";

const BEGIN = "<!-- calls: made by `node scripts/compatibility.ts --write`, checked by a test -->";
const END = "<!-- /calls -->";

/** The document with its part between the marks made anew. @throws Error where the marks are not there. */
export function withTable(document: string, all: readonly ClientResults[]): string {
  const from = document.indexOf(BEGIN);
  const to = document.indexOf(END);
  if (from < 0 || to < from) throw new Error(`docs/compatibility.md has no part between ${BEGIN} and ${END}.`);
  return `${document.slice(0, from)}${BEGIN}\n\n${tablesOf(all)}\n${document.slice(to)}`;
}

const WORDS = { works: "works", refused: "refused by name", fails: "FAILS" } as const;

function tablesOf(all: readonly ClientResults[]): string {
  const summary = [
    "| client | message, template and suppression calls that work | other calls |",
    "| --- | --- | --- |",
    ...all.map((one) => {
      const { works, counted } = shareThatWorks(one);
      const others = one.results.filter(({ group }) => group === "other" || group === "content");
      const share = counted === 0 ? "" : ` (${Math.floor((works * 1_000) / counted) / 10} %)`;
      return `| ${one.vendor}: \`${one.client}\` ${one.version} | ${works} of ${counted}${share} | ${others.filter(({ kind }) => kind === "works").length} of ${others.length} |`;
    }),
  ];
  const tables = all.map((one) =>
    [
      `### ${one.vendor}`,
      "",
      `\`${one.client}\` ${one.version}, unmodified:`,
      "",
      "| call | kind | result | |",
      "| --- | --- | --- | --- |",
      ...one.results.map(({ name, group, kind, note }) => `| \`${name}\` | ${group} | ${WORDS[kind]} | ${note} |`),
      "",
    ].join("\n"),
  );
  return [...summary, "", ...tables].join("\n");
}
