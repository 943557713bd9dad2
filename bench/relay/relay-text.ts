import { bars, grouped, short, table } from "../show/table.ts";
import type { Machine } from "./machine.ts";
import type { Ratios, Summary, Systems } from "./summary.ts";
import type { LoadPlan } from "./turn.ts";

export type RelayResult = {
  bench: "relay";
  machine: Machine & { load: LoadPlan & { runs: number; sink: string }; absent: Record<string, string> };
  systems: Systems;
  ratios: Ratios;
};

/** What Postern is to reach, and what it may take at half of its full rate. */
const GOAL = { postfix: 5, haraka: 3, acceptAtHalfLoadMs: 25 } as const;

/** The result for people. */
export function relayText(result: RelayResult, titles: Readonly<Record<string, string>>): string {
  const { machine, systems } = result;
  const { load } = machine;
  const rows = rowsOf(systems);
  const named = (name: string, { version }: Summary): string => `${titles[name] ?? name} (${version})`;
  return [
    `Relay, end to end: ${grouped(load.messages)} messages of ${grouped(load.octets)} octets over ${load.sessions} sessions, ` +
      `${load.runs} ${load.runs === 1 ? "run" : "runs in turn; medians (least–greatest)"}`,
    `${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB, ${machine.system}, Node.js ${machine.node}, queues on ${machine.fileSystem}, one synchronised write ${machine.syncMs} ms`,
    "",
    table(
      ["", "messages/s", "accept p50", "p99", "half load p50", "p99", "CPU/message", "memory", "lost", "twice"],
      rows.map(([name, one]) => [
        named(name, one),
        `${short(one.messagesPerSecond)} (${range(one)})`,
        short(one.acceptP50Ms, " ms"),
        short(one.acceptP99Ms, " ms"),
        short(one.acceptAtHalfLoad.p50, " ms"),
        short(one.acceptAtHalfLoad.p99, " ms"),
        short(one.cpuMsPerMessage, " ms"),
        short(one.peakMemoryMb, " MB"),
        String(one.lost),
        String(one.duplicates),
      ]),
    ),
    "",
    "messages per second",
    bars(rows.map(([name, one]) => ({ name: titles[name] ?? name, value: one.messagesPerSecond }))),
    "",
    ...verdicts(result),
    ...doubtsOf(rows),
    "",
    ...notes(result),
  ].join("\n");
}

function rowsOf(systems: Systems): [string, Summary][] {
  return [
    ...(systems.postern ? [["postern", systems.postern] as [string, Summary]] : []),
    ...(systems.postfix ? [["postfix", systems.postfix] as [string, Summary]] : []),
    ...Object.entries(systems.haraka?.variants ?? {}),
  ];
}

function range({ runs }: Summary): string {
  const rates = runs.map((run) => run.messagesPerSecond);
  return `${short(Math.min(...rates))}–${short(Math.max(...rates))}`;
}

function verdicts({ systems, ratios, machine }: RelayResult): string[] {
  const mark = (reached: boolean): string => (reached ? "✓" : "✗");
  const against = (family: "postfix" | "haraka", title: string): string => {
    const ratio = ratios[family];
    if (ratio === null) return `– ${title}: ${machine.absent[family] ?? "not measured"}`;
    return `${mark(ratio >= GOAL[family])} Postern is ${ratio} × ${title} (goal ${GOAL[family]} ×)`;
  };
  if (!systems.postern) return [];
  const { p99 } = systems.postern.acceptAtHalfLoad;
  return [
    against("postfix", "Postfix"),
    against("haraka", "Haraka, the better of its two"),
    ...(p99 === null
      ? []
      : [
          `${mark(p99 <= GOAL.acceptAtHalfLoadMs)} accept p99 at half load ${short(p99)} ms (goal ${GOAL.acceptAtHalfLoadMs} ms)`,
        ]),
    `${mark(systems.postern.lost === 0)} ${systems.postern.lost} of ${grouped(systems.postern.sent)} lost, ${systems.postern.duplicates} came twice`,
  ];
}

const doubtsOf = (rows: readonly [string, Summary][]): string[] =>
  rows.flatMap(([name, { runs }]) =>
    [...new Set(runs.flatMap((run) => run.doubts))].map((doubt) => `! ${name}: ${doubt}`),
  );

function notes({ machine, systems }: RelayResult): string[] {
  const turns = Object.values(systems).flatMap((one) => one.runs);
  const greatest = (values: (number | null)[]): string => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? "an unknown time" : short(Math.max(...known), " ms");
  };
  const { generator } = machine.load;
  return [
    `Load: ${generator === "own" ? "bench/relay/load.ts, one command at a time" : "Postfix's smtp-source"}; sink: bench/relay/sink.ts, which remembers every Message-ID. Both run on the same cores and`,
    `took up to ${greatest(turns.map((turn) => turn.loadCpuMsPerMessage))} and ${greatest(turns.map((turn) => turn.sinkCpuMsPerMessage))} of CPU per message; CPU and memory above are the system's own, database included (memory: PSS).`,
    "Every system has its queue on disk and synchronises before its 250. The sink is near and takes pipelining at once;",
    "providers on the internet answer later, over TLS. Compare figures of one run only: machines differ.",
  ];
}
