import { type Command, InvalidArgumentError } from "commander";
import { ASSUMED } from "../../judge/index.ts";
import { type Clock, Problem } from "../../kernel/index.ts";
import type { LeafMaker } from "../../ledger/index.ts";
import { type Applied, type Fit, applyCalibration, approve, fit, historyOf, meaningOf } from "../../respond/index.ts";
import { type Calibration, assumedWith, newestCalibration, waitingCalibration } from "../../standing/index.ts";
import type { Database } from "../../store/index.ts";
import { jsonText } from "../json.ts";
import { leavesOf } from "../drill/start.ts";
import { withQueue } from "../queue/open-queue.ts";
import type { Act } from "../run.ts";
import { when } from "../when.ts";
import { EXIT, type Screen, print } from "../world.ts";
import { calibrationText } from "./calibration-text.ts";

type Options = { days: string; apply?: boolean; approve?: number; operator: string; json?: boolean };

const DAYS_MOST = 90;

export function addCalibrate(program: Command, act: Act): void {
  const command = program
    .command("calibrate")
    .summary("fit what verdicts assume to your own history")
    .description(
      "Verdicts rest on figures that are assumed until your own mail says otherwise: how many messages are never confirmed, how misses keep company, how long confirmation takes. This reads what has been, says how much stands behind each figure and what it would mean, and changes nothing without --apply. A figure with too little behind it stays as it is assumed.",
    )
    .option("--days <number>", "how far back; rows are kept for retention.messageRow (30 d)", "14")
    .option("--apply", "judge with what was found from now on")
    .option(
      "--approve <number>",
      "as a second person: judge with a calibration that lowers a threshold by more than a fifth",
      numbered,
    )
    .option("--operator <name>", "who you are", "cli")
    .option("--json", "print JSON: { days, figures, groups, meaning, present, waiting, applied }");
  act(command, (run, options: Options) =>
    withQueue(run, async (database, settings) => {
      const { out, clock, random } = run.world;
      const parts = { database, clock, leaves: () => leavesOf(settings, random) };
      if (options.approve !== undefined) return approved(parts, options.approve, options, out);
      const days = Number(options.days);
      if (!(days > 0 && days <= DAYS_MOST))
        throw new Problem(
          "calibrate-bad-days",
          `--days must be above 0 and at most ${DAYS_MOST}; it says ${options.days}.`,
        );
      const present = await newestCalibration(database);
      const now = present ? assumedWith(present.found) : ASSUMED;
      const fitted = fit(await historyOf(database, clock.now(), days), ASSUMED);
      const meaning = meaningsOf(fitted, now);
      if (!options.json)
        print(out, calibrationText({ fitted, meaning, days, present, now: clock.now(), columns: out.columns }));
      let applied: Applied | null = null;
      if (options.apply) {
        const { found, perMinute } = fitted;
        const { operator } = options;
        applied = await applyCalibration(
          { database, clock, leaves: leavesOf(settings, random) },
          { found, present: now, perMinute, days, operator },
        );
      }
      const waiting = await waitingCalibration(database);
      if (options.json) print(out, jsonText({ days, ...fitted, meaning, present, waiting, applied }));
      else {
        const end = endText(fitted, applied, waiting, clock.now());
        if (end !== "") print(out, `\n${end}`);
      }
      return EXIT.fine;
    }),
  );
}

type Parts = { database: Database; clock: Clock; leaves: () => LeafMaker };

async function approved(
  { database, clock, leaves }: Parts,
  id: number,
  { operator, json }: Options,
  out: Screen,
): Promise<number> {
  await approve({ database, clock, leaves: leaves() }, id, operator);
  print(out, json ? jsonText({ approved: id }) : `Calibration ${id} is approved by ${operator}. ${COUNTS}`);
  return EXIT.fine;
}

const COUNTS = "The node that leads judges with it within half a minute.";

function endText({ found }: Fit, applied: Applied | null, waiting: Calibration | null, now: number): string {
  if (applied?.waitsFor) {
    const { provider, what, was, becomes } = applied.waitsFor;
    return (
      `Proposed as calibration ${applied.calibration}. ${WORDS_OF[what] ?? what} of ${provider} would fall from ${was.toFixed(1)} to ${becomes.toFixed(1)}, by more than a fifth: ` +
      `mail would leave a provider sooner than it does. So a second person has to approve of it within 24 hours, with a command of their own:\n` +
      `  postern calibrate --approve ${applied.calibration} --operator NAME`
    );
  }
  if (applied) return `Applied as calibration ${applied.calibration}. ${COUNTS}`;
  const lines = [
    ...(waiting === null
      ? []
      : [
          `Calibration ${waiting.calibrationId}, proposed by ${waiting.operator} ${when(waiting.madeAt, now)}, waits for a second person: postern calibrate --approve ${waiting.calibrationId} --operator NAME`,
          ...Object.entries(waiting.found).map(([name, value]) => `  ${name} ${value}`),
        ]),
    ...(Object.keys(found).length > 0 ? ["Nothing was changed; --apply judges with what was found."] : []),
  ];
  return lines.join("\n");
}

const WORDS_OF: Readonly<Record<string, string>> = {
  suspectNats: "The threshold of suspicion",
  downNats: "The threshold of a verdict",
};

function numbered(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("It must be the number of a calibration, such as 3.");
  return Number(text);
}

export type Meanings = Record<string, { was: ReturnType<typeof meaningOf>; becomes: ReturnType<typeof meaningOf> }>;

const meaningsOf = ({ found, perMinute }: Fit, present: Parameters<typeof meaningOf>[0]): Meanings =>
  Object.fromEntries(
    Object.entries(perMinute).map(([provider, rate]) => [
      provider,
      { was: meaningOf(present, rate), becomes: meaningOf(assumedWith(found), rate) },
    ]),
  );
