import { type ChildProcess, fork } from "node:child_process";
import path from "node:path";
import { type Machine, describeMachine, placeOnDisk } from "../relay/machine.ts";
import { read, UsageMistake, whole } from "../relay/options.ts";
import { withUndo, type Undo } from "../relay/undo.ts";
import { Progress } from "../show/progress.ts";
import { short, table } from "../show/table.ts";
import { ADAPTER_KINDS, type AdapterKind } from "./kinds.ts";
import type { AdapterFigures, MeasuredSays } from "./measured.ts";
import type { PeerSays } from "./null-peer.ts";

export const summary = "what a hand-off costs in our own code, adapter by adapter, and what waits for answers holds";

export const help = `npm run -s bench -- adapters [options]

  --json           print one JSON object instead of a table
  --only LIST      of ${ADAPTER_KINDS.join(",")}
  --handoffs 2000  of each adapter, one after the other
  --octets 5000    of the message's text
  --at-most 5      minutes after which it gives up

It takes about half a minute.`;

type AdaptersResult = {
  bench: "adapters";
  machine: Machine;
  octets: number;
  adapters: Partial<Record<AdapterKind, AdapterFigures>>;
};

const SHAPE = {
  json: { type: "boolean", default: false },
  only: { type: "string" },
  handoffs: { type: "string" },
  octets: { type: "string" },
  "at-most": { type: "string" },
} as const;

export async function run(words: readonly string[]): Promise<number> {
  const given = read(words, SHAPE);
  const kinds = (given.only?.split(",") ?? [...ADAPTER_KINDS]).map((name) => {
    const kind = ADAPTER_KINDS.find((one) => one === name.trim());
    if (!kind) throw new UsageMistake(`--only knows ${ADAPTER_KINDS.join(", ")}; it says ${name}.`);
    return kind;
  });
  const handoffs = whole("handoffs", given.handoffs, 2_000);
  const octets = whole("octets", given.octets, 5_000);
  return withUndo(whole("at-most", given["at-most"], 5), async (undo) => {
    const progress = new Progress();
    const result: AdaptersResult = {
      bench: "adapters",
      machine: describeMachine(placeOnDisk(null)),
      octets,
      adapters: {},
    };
    for (const kind of kinds) {
      progress.doing(kind);
      result.adapters[kind] = await measure(kind, handoffs, octets, undo.part());
    }
    progress.end();
    process.stdout.write(given.json ? `${JSON.stringify(result)}\n` : `${adaptersText(result)}\n`);
    return 0;
  });
}

/** A peer and a process that is measured, which talk to each other through this one. */
async function measure(kind: AdapterKind, handoffs: number, octets: number, undo: Undo): Promise<AdapterFigures> {
  const start = (file: string, words: string[], execArgv: string[]): ChildProcess => {
    const child = fork(path.join(import.meta.dirname, file), words, { execArgv });
    undo.add(() => void child.kill());
    return child;
  };
  const peer = start("null-peer.ts", [kind], []);
  const port = await new Promise<number>((resolve, reject) => {
    peer.once("message", (told: PeerSays) => "port" in told && resolve(told.port));
    peer.once("exit", () => reject(new Error(`the peer of ${kind} ended`)));
  });
  const measured = start("measured.ts", [kind, String(port), String(handoffs), String(octets)], ["--expose-gc"]);
  peer.on("message", (told: PeerSays) => "holding" in told && measured.connected && measured.send(told));
  try {
    return await new Promise<AdapterFigures>((resolve, reject) => {
      measured.on("message", (told: MeasuredSays) => {
        if (typeof told === "string") peer.send(told);
        else if ("figures" in told) resolve(told.figures);
        else reject(new Error(`${kind}: ${told.failed}`));
      });
      measured.once("exit", () => reject(new Error(`the process measuring ${kind} ended`)));
    });
  } finally {
    await undo.all();
  }
}

function adaptersText({ machine, octets, adapters }: AdaptersResult): string {
  const rows = Object.entries(adapters).map(([kind, one]) => [
    kind,
    short(one.overheadMedianUs, " µs"),
    short(one.overheadP99Us, " µs"),
    short(one.cpuUs, " µs"),
    short(one.memoryPer1000InFlightMb, " MB"),
    short(one.rssPer1000InFlightMb, " MB"),
  ]);
  return [
    `${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB, ${machine.system}, Node.js ${machine.node}`,
    "",
    `One hand-off of ${octets} octets, without the wait for the peer; memory of 1,000 that wait for an answer`,
    table(["adapter", "own time", "p99", "CPU", "heap per 1,000", "RSS per 1,000"], rows),
  ].join("\n");
}
