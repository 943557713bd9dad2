import { type Command, InvalidArgumentError } from "commander";
import { type Canary, listCanaries } from "../../canary/index.ts";
import type { Settings } from "../../config/index.ts";
import { jsonText } from "../json.ts";
import { type Paint, paintFor } from "../paint.ts";
import { checkName } from "../provider/show.ts";
import { withQueue } from "../queue/open-queue.ts";
import type { Act } from "../run.ts";
import { table } from "../table.ts";
import { printable } from "../text.ts";
import { span, when } from "../when.ts";
import { EXIT, print } from "../world.ts";

const MOST = 1_000;
type Options = {
  provider?: string;
  altered?: true;
  missed?: true;
  signUps?: true;
  limit: number;
  json?: true;
};

export function addCanaryList(parent: Command, act: Act): void {
  const command = parent
    .command("list")
    .summary("list canaries, the latest first, with what was found of them")
    .description(
      "Whose mail each stands for, by which provider it went, how long it took, and what was found of it. Rows are kept for a fortnight.",
    )
    .option("--provider <name>", "of this one only")
    .option("--altered", "only those that arrived with other words, links, addresses or another author")
    .option("--missed", "only those that were not there in time, or never on their way")
    .option("--sign-ups", "sign-ups at the application instead")
    .option("--limit <number>", "how many", counted, 20)
    .option("--json", "print JSON");
  act(command, (run, options: Options) =>
    withQueue(run, async (database, settings) => {
      if (options.provider !== undefined) checkName(options.provider, settings);
      const { out, clock, environment } = run.world;
      const results = [
        ...(options.altered ? ["altered"] : []),
        ...(options.missed ? ["missed", "late", "refused"] : []),
      ];
      const found = await listCanaries(database, {
        provider: options.provider ?? null,
        kind: options.signUps ? "sign-up" : "mail",
        results: results.length === 0 ? null : results,
        limit: options.limit,
      });
      if (options.json) print(out, jsonText(found));
      else if (found.length === 0) print(out, emptyText(options, settings));
      else print(out, listText(found, clock.now(), out.columns, paintFor(out.isTerminal, environment)));
      return EXIT.fine;
    }),
  );
}

function emptyText({ altered, missed, signUps, provider }: Options, { canaries }: Settings): string {
  if (canaries === null)
    return "No canaries are sent: the configuration has no receiver for them. docs/canaries.md says what is needed.";
  if (signUps && canaries.signUps.length === 0)
    return "No sign-up is tried: canaries.signUps of the configuration names none. docs/canaries.md shows one.";
  const of = provider === undefined ? "" : ` of ${provider}`;
  if (altered || missed) return `No canary${of} of the last fortnight is like that.`;
  return `No canary${of} was sent yet: the first one goes within a minute after a start.`;
}

export function listText(found: readonly Canary[], now: number, columns: number, paint: Paint): string {
  const of = (one: Canary): string =>
    one.kind === "sign-up" ? `sign-up ${one.stream}` : `${one.tenant}/${one.stream}`;
  const rows = table(
    [
      { title: "SENT", align: "right" },
      { title: "PROVIDER" },
      { title: "STANDS FOR", least: 12 },
      { title: "TO" },
      { title: "RESULT", paint: (text, result) => (PAINTS[result] ? paint[PAINTS[result]](text) : text) },
      { title: "TOOK", align: "right" },
      { title: "FOUND", least: 16 },
    ],
    found.map((one) => [
      when(one.sentAt, now),
      one.provider ?? "–",
      of(one),
      one.receiver,
      one.result ?? "on its way",
      one.arrivedAt === null ? "" : span(one.arrivedAt - one.sentAt),
      [...new Set(one.findings.map(({ code }) => code))].join(", "),
    ]),
    columns,
  );
  const details = new Map(
    found.flatMap(({ findings }) => findings.map(({ code, detail }) => [`${code}: ${detail}`, code])),
  );
  if (details.size === 0) return rows;
  const lines = [...details.keys()].slice(0, DETAILS).map((line) => `  ${printable(line)}`);
  return [rows, "", paint.strong("What was found"), ...lines].join("\n");
}

const DETAILS = 30;
const PAINTS: Readonly<Record<string, "good" | "warn" | "bad">> = {
  arrived: "good",
  late: "warn",
  missed: "bad",
  altered: "bad",
  refused: "warn",
};

function counted(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > MOST)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST}.`);
  return value;
}
