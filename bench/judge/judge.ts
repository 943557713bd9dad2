import { read, whole } from "../relay/options.ts";
import { Progress } from "../show/progress.ts";
import { bars, grouped, short, table } from "../show/table.ts";
import { type Soaked, type Times, soakAll, yearly } from "../../src/lab/rehearsal/model/index.ts";
import { CALMS, FAULTS, type Goal, goalsOfCalm, goalsOfFault, measureFault, soakOf } from "./cases.ts";

export const summary = "how soon mail that stopped is noticed, and how often it is thought to have stopped and has not";

export const help = `npm run -s bench -- judge [options]

  --json       print one JSON object instead of tables
  --quick      a twentieth of the calm time, a fifth of the faults
  --seed 1     of chance; the same seed gives the same figures on every machine
  --runs 500   faults of each kind

It runs on a virtual clock and takes about a minute. Ends with 1 where a goal is not reached.`;

export type JudgeResult = {
  bench: "judge";
  seed: number;
  runs: number;
  faults: Record<string, Times>;
  calm: Record<string, Soaked>;
  goals: Goal[];
  holds: boolean;
};

const SHAPE = {
  json: { type: "boolean", default: false },
  quick: { type: "boolean", default: false },
  seed: { type: "string" },
  runs: { type: "string" },
} as const;

export async function run(words: readonly string[]): Promise<number> {
  const given = read(words, SHAPE);
  const seed = whole("seed", given.seed, 1);
  const runs = whole("runs", given.runs, given.quick ? 100 : 500);
  const progress = new Progress();
  const result: JudgeResult = { bench: "judge", seed, runs, faults: {}, calm: {}, goals: [], holds: true };
  for (const one of FAULTS) {
    progress.doing(one.name);
    const times = measureFault(one, runs, seed);
    result.faults[one.name] = times;
    result.goals.push(...goalsOfFault(one, times));
  }
  progress.doing("calm times");
  const soaked = await soakAll(CALMS.map((one) => soakOf(one, given.quick ? 0.05 : 1, seed)));
  for (const [n, one] of CALMS.entries()) {
    result.calm[one.name] = soaked[n]!;
    result.goals.push(...goalsOfCalm(one, yearly([soaked[n]!])));
  }
  progress.end();
  result.holds = result.goals.every((goal) => goal.holds);
  process.stdout.write(given.json ? `${JSON.stringify(result)}\n` : `${judgeText(result)}\n`);
  return result.holds ? 0 : 1;
}

/** Of these the first verdict is the goal: SUSPECT for loss, which moves secrets and notices. */
const isPartial = (name: string): boolean => FAULTS.some((one) => one.name === name && one.fault.loss < 1);

function judgeText(result: JudgeResult): string {
  const faults = Object.entries(result.faults);
  return [
    `Seconds from the fault to the verdict, ${result.runs} faults of each kind, seed ${result.seed}:`,
    "",
    table(
      ["", "SUSPECT mean", "p95", "p99", "DOWN mean", "p95", "p99", "most", "found"],
      faults.map(([name, { suspect, down }]) => {
        const partial = isPartial(name);
        const end = partial ? suspect : down;
        return [
          name,
          ...[suspect.mean, suspect.p95, suspect.p99].map((one) => short(one)),
          ...(partial ? ["–", "–", "–"] : [down.mean, down.p95, down.p99].map((one) => short(one))),
          short(end.most),
          `${end.found}/${end.of}`,
        ];
      }),
    ),
    "",
    "Mean until the traffic moves (of a loss of a part: secrets and notices):",
    bars(
      faults.map(([name, { suspect, down }]) => {
        const value = isPartial(name) ? suspect.mean : down.mean;
        return { name, value, note: `${short(value)} s` };
      }),
    ),
    "",
    "Nothing is wrong:",
    "",
    table(
      ["", "days", "messages", "canaries", "suspicions/year", "false failovers", "a year"],
      Object.entries(result.calm).map(([name, told]) => {
        const { suspicionsPerYear, failovers, failoversPerYear } = yearly([told]);
        return [
          name,
          ...[told.days, told.messages, told.canaries, suspicionsPerYear, failovers].map((one) => grouped(one)),
          short(failoversPerYear),
        ];
      }),
    ),
    "",
    table(
      ["goal", "limit", "measured", ""],
      result.goals.map((goal) => [goal.name, short(goal.limit), short(goal.value), goal.holds ? "holds" : "FAILS"]),
    ),
  ].join("\n");
}
