import { availableParallelism } from "node:os";
import { type Command, InvalidArgumentError } from "commander";
import { Problem } from "../../kernel/index.ts";
import { jsonText } from "../json.ts";
import { paintFor } from "../paint.ts";
import type { Act, Run } from "../run.ts";
import { EXIT, print, textWidth } from "../world.ts";
import { RehearsalProgress } from "./progress.ts";
import { sideBySide } from "./side-by-side.ts";
import { listText, reportText } from "./text.ts";

type Options = { list?: true; json?: true; seeds?: number; from: number; workers: number };

const SEEDS = 20;
const MOST_SEEDS = 1_000_000;

export function addRehearse(program: Command, act: Act): void {
  const command = program
    .command("rehearse")
    .summary("let providers fail, on a virtual clock, and measure what Postern does")
    .description(
      "Runs a scenario with the whole program: database, doors, hand-off, adapters, vendors' twins over sockets, verdicts. " +
        "Only time is virtual, so that minutes of mail take a second. Needs no configuration and touches none. " +
        "Exit code 1 where a threshold or an invariant does not hold.",
    )
    .argument("[scenario]", "its name, such as S04")
    .option("--list", "name the scenarios")
    .option("--seeds <n>", `how many runs, each with its own chance (${SEEDS} unless given)`, counted)
    .option("--from <seed>", "the first seed", counted, 1)
    .option(
      "--workers <n>",
      "processes at once; half of the time each waits for the database",
      counted,
      2 * availableParallelism(),
    )
    .option("--json", "print what was measured as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  postern rehearse --list\n  postern rehearse S03 --seeds 3\n  postern rehearse S04 --seeds 500 --json",
    );
  act(command, (run, options: Options, [name]) => rehearse(run, options, name));
}

async function rehearse({ world }: Run, options: Options, name: string | undefined): Promise<number> {
  const rehearsal = await import("../../lab/rehearsal/index.ts"); // no other command loads the lab's world
  const { SCENARIOS, merged, reportOf, startPlace } = rehearsal;
  if (options.list) {
    const text = options.json
      ? jsonText(SCENARIOS.map(({ name: each, title, shows }) => ({ scenario: each, title, shows })))
      : listText(SCENARIOS, textWidth(world.out), paintFor(world.out.isTerminal, world.environment));
    print(world.out, text);
    return EXIT.fine;
  }
  const scenario = SCENARIOS.find((one) => one.name.toLowerCase() === name?.toLowerCase());
  if (!scenario) {
    const known = SCENARIOS.map((one) => one.name).join(", ");
    print(
      world.err,
      name === undefined
        ? `Name a scenario: ${known}. --list says what they show.`
        : `There is no scenario ${name}. There are ${known}; --list says what they show.`,
    );
    return EXIT.mistaken;
  }
  const seeds = options.seeds ?? SEEDS;
  const runs = Array.from({ length: Math.min(seeds, scenario.runsAtMost ?? seeds) }, (_, n) => options.from + n);
  const progress = new RehearsalProgress(world.err, world.clock, runs.length);
  const beganAt = world.clock.monotonicMs();
  const ended = new AbortController();
  world.onSignal(() => ended.abort());
  const place = await startPlace();
  try {
    const [rans, studied] = await Promise.all([
      sideBySide({
        scenario: scenario.name,
        seeds: runs,
        workers: options.workers,
        server: place.target,
        onRan: ({ virtualMs }) => progress.ran(virtualMs),
        signal: ended.signal,
      }),
      scenario.study?.({ seeds, firstSeed: options.from }) ?? {},
    ]);
    progress.end();
    const samples = [...rans.map(({ sample }) => sample), studied];
    const report = reportOf(
      scenario,
      seeds,
      samples,
      rans.map(({ findings }) => findings),
    );
    if (options.json) print(world.out, jsonText(report));
    else {
      const look = {
        paint: paintFor(world.out.isTerminal, world.environment),
        width: textWidth(world.out),
        tookMs: world.clock.monotonicMs() - beganAt,
      };
      print(world.out, reportText(scenario, report, merged(samples), rans, look));
    }
    return report.holds ? EXIT.fine : EXIT.failed;
  } catch (error) {
    progress.end();
    if (ended.signal.aborted)
      throw new Problem("rehearsal-broke", "The rehearsal was ended before it was over.", error);
    throw error;
  } finally {
    await place.stop();
  }
}

function counted(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > MOST_SEEDS)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_SEEDS}.`);
  return value;
}
