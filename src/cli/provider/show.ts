import type { Command } from "commander";
import type { Settings } from "../../config/index.ts";
import { countCanaries } from "../../canary/index.ts";
import { HOUR_MS, Problem } from "../../kernel/index.ts";
import { openOrders } from "../../respond/index.ts";
import { type KeptChange, type StandingRow, changesOf, loadStandings } from "../../standing/index.ts";
import { jsonText } from "../json.ts";
import { type Paint, paintFor } from "../paint.ts";
import { withQueue } from "../queue/open-queue.ts";
import type { Act } from "../run.ts";
import { printable } from "../text.ts";
import { instant, span, when } from "../when.ts";
import { EXIT, print } from "../world.ts";
import { painted } from "./state-text.ts";

const CHANGES = 20;

export function addShow(provider: Command, act: Act): void {
  const command = provider
    .command("show")
    .summary("how one provider stands, with the numbers that made it so")
    .description(
      "The provider as a whole and its streams, the numbers of each verdict, what changed last, and orders that wait.",
    )
    .argument("<provider>", "its name in the configuration")
    .option("--json", "print JSON: { provider, standings, canaries, changes, orders }");
  act(command, (run, options: { json?: boolean }, [name = ""]) =>
    withQueue(run, async (database, settings) => {
      checkName(name, settings);
      const { out, clock, environment } = run.world;
      const standings = (await loadStandings(database)).filter((row) => row.provider === name);
      const changes = await changesOf(database, name, CHANGES);
      const orders = (await openOrders(database)).filter((one) => one.provider === name);
      const canaries = await countCanaries(database, name, clock.now() - HOUR_MS);
      if (options.json) print(out, jsonText({ provider: name, standings, canaries, changes, orders }));
      else {
        const paint = paintFor(out.isTerminal, environment);
        const now = clock.now();
        const lines = [
          ...(standings.length === 0 ? [`${name}  ${paint.good("HEALTHY")}  Nothing was ever found against it.`] : []),
          ...standings.flatMap((row) => standingLines(row, now, paint)),
          ...orders.map((one) =>
            printable(
              `${one.operator} ordered ${one.kind} ${when(one.orderedAt, now)} (${one.why}); it waits${one.kind === "release-quarantine" ? " for a second person" : ""}.`,
            ),
          ),
          canaryLine(name, canaries),
          ...(changes.length === 0 ? [] : ["", paint.strong("What changed")]),
          ...changes.map((change) => changeLine(change, paint)),
        ];
        print(out, lines.join("\n"));
      }
      return EXIT.fine;
    }),
  );
}

/** @throws Problem `provider-unknown` */
export function checkName(name: string, { providers }: Settings): void {
  const names = providers.map((one) => one.name);
  if (names.includes(name)) return;
  throw new Problem("provider-unknown", `The configuration has no provider named ${name}; it has ${names.join(", ")}.`);
}

function standingLines({ provider, scope, standing }: StandingRow, now: number, paint: Paint): string[] {
  const { state, since, because } = standing;
  const numbers = Object.entries(because.numbers).map(([name, value]) => `${name} ${shown(name, value)}`);
  const name = scope === "" ? provider : `${provider} ${scope}`;
  return [
    `${name}  ${painted(paint, state)(state)}  for ${span(Math.max(0, now - since))}, since ${instant(since)}`,
    printable(`  ${because.sentence}`),
    ...(numbers.length === 0 ? [] : [printable(`  ${because.kind}: ${numbers.join(", ")}`)]),
  ];
}

/** Of the last hour: `58 arrived, 1 missed`. */
function canaryLine(name: string, counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([result, count]) => `${count} ${result}`);
  if (parts.length === 0) return "  Canaries of the last hour: none.";
  return `  Canaries of the last hour: ${parts.join(", ")} (postern canary list --provider ${name}).`;
}

const shown = (name: string, value: number | string): string =>
  typeof value === "string"
    ? value
    : name.endsWith("At")
      ? instant(value)
      : String(Number.isInteger(value) ? value : Number(value.toPrecision(3)));

const changeLine = ({ at, scope, from, to, because }: KeptChange, paint: Paint): string =>
  `${instant(at)}  ${scope === "" ? "" : `${printable(scope)}  `}${from} → ${painted(paint, to)(to)}  ${printable(because.sentence)}`;
