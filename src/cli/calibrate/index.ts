import type { Command } from "commander";
import { ASSUMED } from "../../judge/index.ts";
import { Problem } from "../../kernel/index.ts";
import { type Fit, applyCalibration, fit, historyOf, meaningOf } from "../../respond/index.ts";
import { assumedWith, newestCalibration } from "../../standing/index.ts";
import { jsonText } from "../json.ts";
import { leavesOf } from "../drill/start.ts";
import { withQueue } from "../queue/open-queue.ts";
import type { Act } from "../run.ts";
import { EXIT, print } from "../world.ts";
import { calibrationText } from "./calibration-text.ts";

type Options = { days: string; apply?: boolean; operator: string; approvedBy?: string; json?: boolean };

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
    .option("--operator <name>", "who you are", "cli")
    .option("--approved-by <name>", "a second person, where a threshold falls by more than a fifth")
    .option("--json", "print JSON: { days, figures, groups, meaning, applied }");
  act(command, (run, options: Options) =>
    withQueue(run, async (database, settings) => {
      const { out, clock, random } = run.world;
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
      let applied: number | null = null;
      if (options.apply) {
        const { found, perMinute } = fitted;
        const { operator, approvedBy = null } = options;
        applied = await applyCalibration(
          { database, clock, leaves: leavesOf(settings, random) },
          { found, present: now, perMinute, days, operator, approvedBy },
        );
      }
      if (options.json) print(out, jsonText({ days, ...fitted, meaning, present, applied }));
      else if (applied !== null)
        print(out, `\nApplied as calibration ${applied}: the node that leads judges with it within half a minute.`);
      else if (Object.keys(fitted.found).length > 0)
        print(out, "\nNothing was changed; --apply judges with what was found.");
      return EXIT.fine;
    }),
  );
}

export type Meanings = Record<string, { was: ReturnType<typeof meaningOf>; becomes: ReturnType<typeof meaningOf> }>;

const meaningsOf = ({ found, perMinute }: Fit, present: Parameters<typeof meaningOf>[0]): Meanings =>
  Object.fromEntries(
    Object.entries(perMinute).map(([provider, rate]) => [
      provider,
      { was: meaningOf(present, rate), becomes: meaningOf(assumedWith(found), rate) },
    ]),
  );
