import { type Machine, describeMachine, placeOnDisk } from "../relay/machine.ts";
import { UsageMistake, read, whole } from "../relay/options.ts";
import { startSink } from "../relay/sink-process.ts";
import { withUndo } from "../relay/undo.ts";
import { Progress } from "../show/progress.ts";
import { type BacklogRow, backlogRows } from "./backlog-rows.ts";
import { growthText } from "./growth-text.ts";
import { type ProcessesRow, processesRows } from "./processes.ts";
import { type SizeLevel, type SizesRow, sizesRows } from "./sizes.ts";
import type { Stage } from "./stage.ts";

export const summary = "how Postern's cost grows: with what waits, with processes, with the size of messages";

export const help = `npm run -s bench -- growth [options]

  --json          print one JSON object instead of tables
  --only LIST     of backlog,processes,sizes
  --backlog LIST  how many wait: 1000,10000,100000,1000000
  --quick         a backlog of 1,000 and 10,000, 1 and 2 processes, messages up to 1 MB
  --folder PATH   where the queues lie; must be on a disk, with 5 GB free for a million rows
  --at-most 30    minutes after which it gives up

It takes about 6 minutes, with --quick about one.`;

export type GrowthResult = {
  bench: "growth";
  machine: Machine;
  backlog: BacklogRow[];
  processes: ProcessesRow[];
  sizes: SizesRow[];
};

const PARTS = ["backlog", "processes", "sizes"] as const;
type Plan = { backlog: number[]; processes: number[]; sizes: SizeLevel[]; messages: number };

const FULL: Plan = {
  backlog: [1_000, 10_000, 100_000, 1_000_000],
  processes: [1, 2, 3, 4],
  messages: 5_000,
  sizes: [
    { octets: 1_000, messages: 5_000, sessions: 50 },
    { octets: 10_000, messages: 5_000, sessions: 50 },
    { octets: 100_000, messages: 1_000, sessions: 50 },
    { octets: 1_000_000, messages: 150, sessions: 20 },
    { octets: 10_000_000, messages: 20, sessions: 4 },
  ],
};
const QUICK: Plan = {
  backlog: [1_000, 10_000],
  processes: [1, 2],
  messages: 1_000,
  sizes: [
    { octets: 1_000, messages: 1_000, sessions: 50 },
    { octets: 100_000, messages: 200, sessions: 50 },
    { octets: 1_000_000, messages: 30, sessions: 10 },
  ],
};

const SHAPE = {
  json: { type: "boolean", default: false },
  quick: { type: "boolean", default: false },
  only: { type: "string" },
  backlog: { type: "string" },
  folder: { type: "string" },
  "at-most": { type: "string" },
} as const;

export async function run(words: readonly string[]): Promise<number> {
  const given = read(words, SHAPE);
  const parts = (given.only?.split(",") ?? [...PARTS]).map((name) => {
    const part = PARTS.find((one) => one === name.trim());
    if (!part) throw new UsageMistake(`--only knows ${PARTS.join(", ")}; it says ${name}.`);
    return part;
  });
  const usual = given.quick ? QUICK : FULL;
  const levels = given.backlog?.split(",").map((level) => whole("backlog", level, 0));
  const plan: Plan = { ...usual, backlog: (levels ?? usual.backlog).toSorted((a, b) => a - b) };
  return withUndo(whole("at-most", given["at-most"], 30), async (undo) => {
    const folder = placeOnDisk(given.folder ?? null);
    const progress = new Progress();
    const stage: Stage = { folder, undo, progress, sink: await startSink(undo) };
    const result: GrowthResult = {
      bench: "growth",
      machine: describeMachine(folder),
      backlog: parts.includes("backlog") ? await backlogRows(plan.backlog, plan.messages, stage) : [],
      processes: parts.includes("processes") ? await processesRows(plan.processes, plan.messages, stage) : [],
      sizes: parts.includes("sizes") ? await sizesRows(plan.sizes, stage) : [],
    };
    progress.end();
    process.stdout.write(given.json ? `${JSON.stringify(result)}\n` : `${growthText(result)}\n`);
    return 0;
  });
}
