import { read, whole } from "../relay/options.ts";
import { describeMachine, placeOnDisk } from "../relay/machine.ts";
import { withUndo } from "../relay/undo.ts";
import { Progress } from "../show/progress.ts";
import { UsageMistake } from "../relay/options.ts";
import { failoverText, resultLine } from "./failover-text.ts";
import { FAULTS, type FaultCase } from "./faults.ts";
import { postern } from "./systems/postern.ts";
import { symfonyFailover, symfonyRoundRobin } from "./systems/symfony.ts";
import type { System } from "./systems/system.ts";
import { upyo } from "./systems/upyo.ts";
import { type Outcome, type Pace, takeTurn } from "./turn.ts";

export const summary = "mail that stops at a provider: Postern beside a pool and two failover mailers";

export const help = `npm run -s bench -- failover [options]

  --json              print one JSON object instead of tables
  --quick             without the fault that takes longest, and shorter
  --per-minute 600    messages that each system is given
  --fault-s 150       how long the fault lasts (--quick: 100)
  --faults LIST       of ${FAULTS.map(({ name }) => JSON.stringify(name)).join(", ")}
  --systems LIST      of postern, upyo, symfony-failover, symfony-roundrobin
  --upyo PATH         where Upyo is installed (or UPYO_HOME)
  --folder PATH       where Postern's queue lies; must be on a disk

All systems run beside each other, each with two providers of its own: real processes, real sockets, real time. With
the defaults it takes about 20 minutes, with --quick 9.`;

export type FailoverResult = {
  bench: "failover";
  machine: ReturnType<typeof describeMachine>;
  pace: Pace;
  absent: Record<string, string>;
  systems: { name: string; title: string; made: string; spreads: boolean }[];
  faults: { name: string; says: string; outcomes: Record<string, Outcome> }[];
};

const SHAPE = {
  json: { type: "boolean", default: false },
  quick: { type: "boolean", default: false },
  "per-minute": { type: "string" },
  "fault-s": { type: "string" },
  faults: { type: "string" },
  systems: { type: "string" },
  upyo: { type: "string" },
  folder: { type: "string" },
} as const;

const AT_MOST_MINUTES = 90;

export async function run(words: readonly string[]): Promise<number> {
  const given = read(words, SHAPE);
  const known = [postern, upyo(given.upyo ?? process.env["UPYO_HOME"] ?? null), symfonyFailover, symfonyRoundRobin];
  const asked = chosen("systems", given.systems, known);
  const faults = chosen("faults", given.faults, FAULTS).filter(
    (one) => given.faults !== undefined || !given.quick || one.inQuick,
  );
  const perMinute = whole("per-minute", given["per-minute"], 600);
  const pace: Pace = {
    perSecond: perMinute / 60,
    // At a low rate it takes longer until anybody has seen what is usual.
    calmMs: Math.max(given.quick ? 10_000 : 20_000, (10 / perMinute) * 60_000),
    faultMs: whole("fault-s", given["fault-s"], given.quick ? 100 : 150) * 1_000,
    patienceMs: 150_000,
  };
  const progress = new Progress();
  return withUndo(AT_MOST_MINUTES, async (undo) => {
    const present = asked.filter((one) => one.missing() === null);
    const absent = Object.fromEntries(
      asked.flatMap((one) => (one.missing() === null ? [] : [[one.name, one.missing()!]])),
    );
    for (const [name, why] of Object.entries(absent)) progress.say(`${name} is left out: ${why}`);
    const folder = placeOnDisk(given.folder ?? null);
    const result: FailoverResult = {
      bench: "failover",
      machine: describeMachine(folder),
      pace,
      absent,
      systems: present.map(({ name, title, made, spreads }) => ({ name, title, made, spreads })),
      faults: [],
    };
    for (const fault of faults) {
      const outcomes = await takeTurn(present, fault, pace, { folder, undo, progress });
      result.faults.push({ name: fault.name, says: fault.says, outcomes: Object.fromEntries(outcomes) });
      for (const system of present) progress.say(resultLine(fault.name, system.title, outcomes.get(system.name)!));
    }
    progress.end();
    process.stdout.write(given.json ? `${JSON.stringify(result)}\n` : `${failoverText(result)}\n`);
    return 0;
  });
}

/** @throws UsageMistake */
function chosen<One extends System | FaultCase>(option: string, list: string | undefined, all: readonly One[]): One[] {
  if (list === undefined) return [...all];
  return list.split(",").map((word) => {
    const found = all.find(({ name }) => name === word.trim());
    if (!found) throw new UsageMistake(`--${option} knows ${all.map(({ name }) => name).join(", ")}; it says ${word}.`);
    return found;
  });
}
