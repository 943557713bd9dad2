import { type AdvisedRecord, type Findings, type TemplateLine, total, type Warning } from "../../adopt/index.ts";
import { table } from "../table.ts";
import { printable, wrap } from "../text.ts";
import { plural } from "../when.ts";

/** All that is told at the end. The shape is that of --json. */
export type Report = {
  provider: string;
  kind: string;
  tenant: string | null;
  isImport: boolean;
  findings: Findings;
  /** Of every domain, to be published or kept. */
  records: readonly (AdvisedRecord & { domain: string })[];
  warnings: readonly Warning[];
  /** Lines of postern.yaml; where there is one, what is missing in it. */
  configuration: readonly string[];
  application: { client: string; line: string };
};

export function reportText(report: Report, width: number): string {
  const { findings } = report;
  const blocks = [
    summary(report, width),
    templates(findings.templates, width),
    missing(findings, width),
    warnings(report.warnings, width),
    ...findings.domains.map(({ domain }) =>
      records(
        domain,
        report.records.filter((one) => one.domain === domain),
        width,
      ),
    ),
    titled("In postern.yaml", report.configuration),
    titled(`In the application (${report.application.client}), with the apiKey of that credential`, [
      report.application.line,
    ]),
    next(report),
  ];
  return blocks.filter((block) => block !== "").join("\n\n");
}

const titled = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? "" : [`${title}:`, ...lines.map((line) => `  ${line}`)].join("\n");
const paragraph = (text: string, width: number): string[] => wrap(printable(text), Math.max(40, width - 4));

function summary({ provider, kind, tenant, isImport, findings }: Report, width: number): string {
  const { suppressions: list } = findings;
  const fate = (kinds: readonly TemplateLine["fate"][]): number =>
    findings.templates.filter((one) => kinds.includes(one.fate)).length;
  const found = total(list.found);
  const seen = (count: number): string => (count === 0 ? "" : "seen");
  const rows: [string, number, string][] = [
    ["domains", findings.domains.length, verdict(findings.domains)],
    ["senders", findings.senders.length, seen(findings.senders.length)],
    [
      "templates",
      findings.templates.length,
      words([
        [fate(["would-adopt"]), "to be adopted"],
        [fate(["new"]), "adopted"],
        [fate(["changed"]), "adopted anew"],
        [fate(["same"]), "here already"],
        [fate(["kept"]), "kept as here"],
        [fate(["refused"]), "not adopted"],
      ]),
    ],
    [
      "suppressions",
      found + list.left.reduce((sum, one) => sum + one.count, 0),
      words([
        [isImport ? 0 : found, "to be adopted"],
        [list.added, "adopted"],
        [list.known, "here already"],
        [list.full, "without a place"],
        [list.unusable, "unusable"],
        ...list.left.map(({ count, because }): [number, string] => [count, `left (${because})`]),
      ]),
    ],
    ["webhooks", findings.webhooks.length, seen(findings.webhooks.length)],
    [
      "keys",
      findings.keys.length,
      findings.notListed.some(({ part }) => part === "keys") ? "cannot be listed" : seen(findings.keys.length),
    ],
    ["subaccounts", findings.subaccounts.length, seen(findings.subaccounts.length)],
  ];
  const columns = [{ title: "FOUND" }, { title: "COUNT", align: "right" as const }, { title: "", least: 20 }];
  const whose = isImport ? `adopted into the tenant ${tenant}` : "nothing was changed";
  return [
    `${printable(provider)} (${kind}): ${whose}`,
    "",
    table(
      columns,
      rows.map(([name, count, text]) => [name, count.toLocaleString("en"), text]),
      width,
    ),
  ].join("\n");
}

const verdict = (domains: Findings["domains"]): string =>
  words([
    [domains.filter((one) => one.isVerified === true).length, "verified"],
    [domains.filter((one) => one.isVerified === false).length, "not verified"],
  ]);
const words = (counts: readonly (readonly [number, string])[]): string =>
  counts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count.toLocaleString("en")} ${word}`)
    .join(", ");

function templates(lines: readonly TemplateLine[], width: number): string {
  const told = lines.filter((one) => one.problems.length > 0 || one.notes.length > 0);
  const title = told.some(({ fate }) => fate === "refused") ? "Templates to look at" : "Templates";
  return titled(
    title,
    told.flatMap(({ name, displayName, dialect, fate, problems, notes }) => [
      `${printable(name)}${displayName === name ? "" : ` (${printable(displayName)})`}, ${dialect}: ${fate === "refused" ? "not adopted" : fate}`,
      ...[...problems, ...notes].flatMap((text) => paragraph(text, width).map((line) => `  ${line}`)),
    ]),
  );
}

function missing({ missing: parts, notListed }: Findings, width: number): string {
  return titled("Not read", [
    ...parts.flatMap(({ part, reason }) => paragraph(`${part}: ${reason}`, width)),
    ...notListed.flatMap(({ part, reason }) => paragraph(`${part}: ${reason}`, width)),
  ]);
}

const warnings = (all: readonly Warning[], width: number): string =>
  titled(
    `To know (${plural(all.length, "thing")})`,
    all.flatMap(({ id, about, text, command }) => [
      `${id}  ${printable(about)}`,
      ...paragraph(text, width).map((line) => `  ${line}`),
      ...(command === undefined ? [] : [`  ${command}`]),
    ]),
  );

function records(domain: string, all: readonly AdvisedRecord[], width: number): string {
  const state = (one: AdvisedRecord): string => (one.isFound === null ? "" : one.isFound ? "found" : "NOT FOUND");
  const columns = [{ title: "FOR" }, { title: "" }, { title: "TYPE" }, { title: "NAME" }, { title: "VALUE" }];
  const rows = all.map((one) => [one.purpose, state(one), one.type, one.name, one.value]);
  const notes = [...new Set(all.filter(({ purpose, note }) => note !== "" && /^(?:SPF|DMARC)$/.test(purpose)))];
  return titled(`DNS of ${printable(domain)}`, [
    // Records are copied from here: whole, whatever the width.
    ...table(columns, rows, Infinity).split("\n"),
    ...notes.flatMap(({ purpose, note }) => paragraph(`${purpose}: ${note}.`, width)),
  ]);
}

function next({ isImport, provider, findings }: Report): string {
  const isBroken = findings.missing.some(({ because }) => because === "unavailable");
  if (isBroken) return "What was read is kept. Run it again: it goes on, and adopts nothing twice.";
  return isImport
    ? "Run it again whenever something changed there: what is here already stays as it is."
    : `Nothing was written. Add --import to adopt templates and suppressions of ${printable(provider)}.`;
}
