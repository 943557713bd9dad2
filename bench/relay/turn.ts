import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { delay, systemClock } from "../../src/kernel/index.ts";
import type { Progress } from "../show/progress.ts";
import type { Generator } from "./load-process.ts";
import { type Phase, doubtsOf, measurePhase, rateOf } from "./phase.ts";
import type { Sink } from "./sink-process.ts";
import type { MailSystem } from "./systems/system.ts";
import type { Undo } from "./undo.ts";

/** The load that every system gets. */
export type LoadPlan = {
  messages: number;
  sessions: number;
  octets: number;
  /** Sent first and not measured: compilers, caches and connections get warm. */
  warmUp: number;
  generator: Generator;
  /** So long without a message at the sink, and what is missing is lost. */
  patienceMs: number;
};

/** One system's turn. Rates are per second. */
export type Turn = {
  version: string;
  /** From the first connection of the load to the last message at the sink. */
  messagesPerSecond: number;
  acceptP50Ms: number | null;
  acceptP99Ms: number | null;
  cpuMsPerMessage: number;
  peakMemoryMb: number | null;
  /** Accepted with a 250 and not at the sink, of all that was sent in this turn, warm-up included. */
  lost: number;
  duplicates: number;
  sent: number;
  processes: number;
  acceptAtHalfLoad: { p50: number | null; p99: number | null; perSecond: number; late: number };
  /** What the load generator and the sink used of the same cores. */
  loadCpuMsPerMessage: number | null;
  sinkCpuMsPerMessage: number;
  /** Why this turn's figures should be doubted; empty where there is no reason. */
  doubts: string[];
};

const HALF_LOAD_S = 10;
const HALF_LOAD_LEAST = 200;
/** Time for a second copy to come, where one was made. */
const DUPLICATES_MS = 1_000;

/** Starts the system with an empty queue, sends the load at full speed, then paced at half of that, and takes it away. */
export async function takeTurn(
  system: MailSystem,
  plan: LoadPlan,
  parts: { label: string; folder: string; sink: Sink; undo: Undo; progress: Progress },
): Promise<Turn> {
  const { label, sink, progress } = parts;
  const undo = parts.undo.part();
  const folder = mkdtempSync(path.join(parts.folder, `postern-bench-${system.name}-`));
  chmodSync(folder, 0o755); // PostgreSQL and Postfix run as users of their own
  undo.add(() => rmSync(folder, { recursive: true, force: true }));
  try {
    progress.doing(`${label}: starting`);
    const running = await system.start({ folder, sinkPort: sink.port, undo });
    const phase = (name: string, messages: number, perSecond: number | null): Promise<Phase> =>
      measurePhase(
        { ...plan, name: `${label}, ${name}`, messages, perSecond, ports: [running.port], roots: running.roots },
        { sink, undo, progress },
      );
    const warm = await phase("warm-up", plan.warmUp, null);
    const full = await phase("full load", plan.messages, null);
    const fullRate = rateOf(full);
    const halfCount = Math.round(Math.min(plan.messages, Math.max(HALF_LOAD_LEAST, (fullRate / 2) * HALF_LOAD_S)));
    const half = await phase("half load", halfCount, fullRate / 2);
    await delay(systemClock, DUPLICATES_MS);
    const late = await sink.report();
    const phases = [warm, full, half];
    return {
      version: running.version,
      messagesPerSecond: fullRate,
      acceptP50Ms: full.load.acceptP50Ms,
      acceptP99Ms: full.load.acceptP99Ms,
      cpuMsPerMessage: full.usage.cpuMs / full.load.accepted,
      peakMemoryMb: full.usage.peakMemoryMb,
      lost: sumOf(phases, ({ load, sink: { messages } }) => Math.max(0, load.accepted - messages)),
      duplicates: sumOf([warm, full], (one) => one.sink.duplicates) + late.duplicates,
      sent: sumOf(phases, (one) => one.load.accepted),
      processes: full.usage.processes,
      acceptAtHalfLoad: {
        p50: half.load.acceptP50Ms,
        p99: half.load.acceptP99Ms,
        perSecond: fullRate / 2,
        late: half.load.late,
      },
      loadCpuMsPerMessage: full.load.cpuMs === null ? null : full.load.cpuMs / full.load.accepted,
      sinkCpuMsPerMessage: full.sinkCpuMs / full.load.accepted,
      doubts: [...new Set(phases.flatMap((one) => doubtsOf(one, plan.octets)))],
    };
  } finally {
    progress.doing(`${label}: stopping`);
    await undo.all();
  }
}

const sumOf = <Item>(items: readonly Item[], value: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + value(item), 0);
