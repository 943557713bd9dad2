import { delay, systemClock } from "../../src/kernel/index.ts";
import type { Progress } from "../show/progress.ts";
import { type Generator, type LoadResult, sendTo } from "./load-process.ts";
import { cpuMsOf } from "./process-tree.ts";
import type { Sink } from "./sink-process.ts";
import type { SinkReport } from "./sink.ts";
import type { Undo } from "./undo.ts";
import { type Usage, UsageMeter } from "./usage.ts";

/** One load through a running system, from its first connection until all of it is at the sink. */
export type PhaseOrder = {
  name: string;
  messages: number;
  /** Null: as fast as it goes. */
  perSecond: number | null;
  sessions: number;
  octets: number;
  generator: Generator;
  /** So long without a message at the sink, and what is missing is lost. */
  patienceMs: number;
  /** Where it goes in; several share it evenly. */
  ports: readonly number[];
  /** Of the processes whose cost is measured. */
  roots(): number[];
};
export type Phase = { load: LoadResult; sink: SinkReport; usage: Usage; sinkCpuMs: number };

const WATCH_MS = 100;
/** What was put off (batches, write-backs) is part of the cost of a message. */
const TAIL_MS = 500;

export async function measurePhase(
  order: PhaseOrder,
  { sink, undo, progress }: { sink: Sink; undo: Undo; progress: Progress },
): Promise<Phase> {
  const { name, messages, perSecond, sessions, octets, generator, patienceMs } = order;
  await sink.begin();
  const meter = new UsageMeter(order.roots);
  const sinkCpuBefore = cpuMsOf([sink.pid]);
  const startedAt = performance.now();
  const show = (count: number): void =>
    progress.count(name, count, messages, (count * 1_000) / (performance.now() - startedAt));
  let sent = false;
  const watch = async (): Promise<void> => {
    for (; !sent; await delay(systemClock, WATCH_MS)) show((await sink.report()).messages);
  };
  const sending = sendTo(order.ports, { messages, sessions, octets, perSecond, generator }, undo);
  const [load] = await Promise.all([sending.finally(() => (sent = true)), watch()]);
  const report = await sink.until(load.accepted, { patienceMs, onCount: show });
  const sinkCpuMs = cpuMsOf([sink.pid]) - sinkCpuBefore;
  await delay(systemClock, TAIL_MS);
  return { load, sink: report, usage: meter.end(), sinkCpuMs };
}

/** @throws Error where nothing came. */
export function rateOf({ load, sink }: Phase): number {
  if (sink.lastAt === null) throw new Error(`Nothing arrived at the sink. ${load.complaints.join("; ")}`);
  return (sink.messages * 1_000) / (sink.lastAt - load.firstAt);
}

/** Why the figures should be doubted; empty where there is no reason. */
export function doubtsOf({ load, sink }: Phase, octets: number): string[] {
  return [
    ...(load.unknown > 0 ? [`${load.unknown} messages got no answer: they may be among the lost or not`] : []),
    ...(load.refused > 0 ? [`${load.refused} messages were refused`] : []),
    ...(load.deferred > 0 ? [`${load.deferred} messages were put off with a 4xx and sent again`] : []),
    ...(sink.unnamed > 0 ? [`${sink.unnamed} messages came without their Message-ID`] : []),
    ...(sink.shortest !== null && sink.shortest < octets ? [`a message came with only ${sink.shortest} octets`] : []),
    ...load.complaints,
  ];
}
