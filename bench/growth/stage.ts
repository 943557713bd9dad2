import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { type Phase, type PhaseOrder, doubtsOf, measurePhase, rateOf } from "../relay/phase.ts";
import type { Sink } from "../relay/sink-process.ts";
import { round } from "../relay/statistics.ts";
import type { Undo } from "../relay/undo.ts";
import type { Progress } from "../show/progress.ts";

/** What each of the three tables is given. */
export type Stage = { folder: string; sink: Sink; undo: Undo; progress: Progress };

/** One row's figures. */
export type Row = {
  messagesPerSecond: number;
  acceptP99Ms: number | null;
  cpuMsPerMessage: number;
  peakMemoryMb: number | null;
  lost: number;
  duplicates: number;
  doubts: string[];
};

const WARM_UP = 3_000;
const PATIENCE_MS = 45_000;

export const relayed = (
  {
    name,
    messages,
    ports,
    roots,
    octets = 5_120,
    sessions = 50,
  }: Pick<PhaseOrder, "name" | "messages" | "ports" | "roots"> & Partial<Pick<PhaseOrder, "octets" | "sessions">>,
  stage: Stage,
): Promise<Phase> =>
  measurePhase(
    { name, messages, ports, roots, octets, sessions, perSecond: null, generator: "own", patienceMs: PATIENCE_MS },
    stage,
  );

export async function warmUp(ports: readonly number[], roots: () => number[], stage: Stage): Promise<void> {
  await relayed({ name: "warm-up", messages: WARM_UP, ports, roots }, stage);
}

export const rowOf = (phase: Phase, octets = 5_120): Row => ({
  messagesPerSecond: round(rateOf(phase), 1),
  acceptP99Ms: phase.load.acceptP99Ms === null ? null : round(phase.load.acceptP99Ms, 1),
  cpuMsPerMessage: round(phase.usage.cpuMs / phase.load.accepted, 3),
  peakMemoryMb: phase.usage.peakMemoryMb === null ? null : round(phase.usage.peakMemoryMb),
  lost: Math.max(0, phase.load.accepted - phase.sink.messages),
  duplicates: phase.sink.duplicates,
  doubts: doubtsOf(phase, octets),
});

/** A folder that goes with `undo`. */
export function ownFolder(stage: Stage, undo: Undo, name: string): string {
  const folder = mkdtempSync(path.join(stage.folder, `postern-bench-${name}-`));
  chmodSync(folder, 0o755); // the database runs as a user of its own
  undo.add(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function folderIn(folder: string, name: string): string {
  const inside = path.join(folder, name);
  mkdirSync(inside, { recursive: true, mode: 0o755 });
  return inside;
}
