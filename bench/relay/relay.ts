import { type Progress as Shown, Progress } from "../show/progress.ts";
import { short } from "../show/table.ts";
import { describeMachine, placeOnDisk } from "./machine.ts";
import { type Family, type RelayOptions, relayOptions } from "./options.ts";
import { relayText } from "./relay-text.ts";
import { startSink } from "./sink-process.ts";
import { compare } from "./summary.ts";
import { haraka } from "./systems/haraka.ts";
import { postern } from "./systems/postern.ts";
import { postfix } from "./systems/postfix.ts";
import type { MailSystem } from "./systems/system.ts";
import { type LoadPlan, type Turn, takeTurn } from "./turn.ts";
import { type Undo, withUndo } from "./undo.ts";

export const summary = "Postern beside Postfix and Haraka: one load, one sink, one machine, in turn";

export const help = `npm run -s bench -- relay [options]

  --json             print one JSON object instead of tables
  --messages 20000   at full load, for each system in each run
  --sessions 50      connections of the load, kept open
  --size 5120        octets of text in each message
  --runs 3           turns of each system; medians are shown, with least and greatest
  --systems LIST     of postern,postfix,haraka
  --haraka PATH      where Haraka is installed (or HARAKA_HOME)
  --load own         own, or smtp-source (Postfix's) to check ours against; it cannot measure latency
  --folder PATH      where the queues lie; must be on a disk
  --at-most 45       minutes after which it gives up

With the defaults and all three systems it takes about 10 minutes. Postfix needs root.`;

/** Measured: both Node.js systems become faster until about 5,000 messages have gone through. */
const WARM_UP = { share: 0.25, least: 500, most: 5_000 } as const;
/** Longer than the first waits of all of them before they try again. */
const PATIENCE_MS = 45_000;

export async function run(words: readonly string[]): Promise<number> {
  const options = relayOptions(words, process.env);
  const progress = new Progress();
  return withUndo(options.atMostMinutes, async (undo) => {
    const { present, absent } = choose(options);
    for (const [name, why] of Object.entries(absent)) progress.say(`${name} is left out: ${why}`);
    const folder = placeOnDisk(options.folder);
    const machine = describeMachine(folder);
    const { messages, sessions, octets, generator } = options;
    const plan: LoadPlan = {
      messages,
      sessions,
      octets,
      generator,
      warmUp: warmUpOf(messages),
      patienceMs: PATIENCE_MS,
    };
    const taken = await takeTurns(present, plan, { runs: options.runs, folder, undo, progress });
    const familyOf = (name: string): Family => present.find((one) => one.name === name)!.family;
    const result = {
      bench: "relay" as const,
      machine: { ...machine, load: { ...plan, runs: options.runs, sink: "own" }, absent },
      ...compare(taken, familyOf),
    };
    progress.end();
    process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : `${relayText(result, titlesOf(present))}\n`);
    return 0;
  });
}

const warmUpOf = (messages: number): number =>
  Math.min(WARM_UP.most, Math.max(WARM_UP.least, Math.round(messages * WARM_UP.share)));

const titlesOf = (systems: readonly MailSystem[]): Record<string, string> =>
  Object.fromEntries(systems.map((system) => [system.name, system.title]));

function choose(options: RelayOptions): { present: MailSystem[]; absent: Record<string, string> } {
  const known = [postern, postfix, haraka(options.harakaHome, 1), haraka(options.harakaHome, 2)];
  const asked = known.filter((system) => options.families.includes(system.family));
  const absent = asked.flatMap((system) => {
    const why = system.missing();
    return why === null ? [] : [[system.family, why] as const];
  });
  return { present: asked.filter((system) => system.missing() === null), absent: Object.fromEntries(absent) };
}

/** A B C, A B C, …: whatever else this machine does then meets all of them. */
async function takeTurns(
  systems: readonly MailSystem[],
  plan: LoadPlan,
  parts: { runs: number; folder: string; undo: Undo; progress: Shown },
): Promise<Map<string, Turn[]>> {
  const { runs, progress } = parts;
  const taken = new Map<string, Turn[]>(systems.map((system) => [system.name, []]));
  const sink = await startSink(parts.undo);
  for (let n = 1; n <= runs; n += 1) {
    for (const system of systems) {
      const label = `run ${n}/${runs}, ${system.title}`;
      const turn = await takeTurn(system, plan, { ...parts, sink, label });
      taken.get(system.name)!.push(turn);
      const { acceptP99Ms, cpuMsPerMessage, lost, duplicates } = turn;
      progress.say(
        `${label}: ${short(turn.messagesPerSecond)} messages/s, accept p99 ${short(acceptP99Ms, " ms")}, ` +
          `${short(cpuMsPerMessage)} ms CPU each, ${lost} lost, ${duplicates} twice`,
      );
      for (const doubt of turn.doubts) progress.say(`  doubt: ${doubt}`);
    }
  }
  return taken;
}
