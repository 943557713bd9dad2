import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { sendTo } from "../relay/load-process.ts";
import { type Machine, describeMachine, placeOnDisk } from "../relay/machine.ts";
import { read, whole } from "../relay/options.ts";
import { type Sink, startSink } from "../relay/sink-process.ts";
import type { SinkReport } from "../relay/sink.ts";
import { round } from "../relay/statistics.ts";
import { startPostern } from "../relay/systems/postern.ts";
import { type Undo, withUndo } from "../relay/undo.ts";
import { Progress } from "../show/progress.ts";
import { backlogText } from "./backlog-text.ts";
import { MemoryCurve, type MemorySample, peakBetween } from "./memory-curve.ts";

export const summary = "Postern's memory while no provider takes anything, and how fast it gets rid of what waits";

export const help = `npm run -s bench -- backlog [options]

  --json              print one JSON object instead of the curve
  --messages 100000   accepted while the provider refuses connections
  --sessions 50       connections of the load
  --size 5120         octets of text in each message
  --quick             10,000 messages
  --folder PATH       where the queue lies; must be on a disk
  --at-most 30        minutes after which it gives up

With the defaults it takes 2 to 5 minutes: after an outage of that length a message waits up to a minute for its next try.`;

export type BacklogResult = {
  bench: "backlog";
  machine: Machine;
  messages: number;
  octets: number;
  accept: { messagesPerSecond: number; p50Ms: number | null; p99Ms: number | null; seconds: number };
  memory: {
    /** Of Postern's own process, PSS. */
    nodePeakMb: number;
    /** Its peak while the second quarter of the backlog came, and while the last one did. */
    secondQuarterMb: number;
    lastQuarterMb: number;
    /** With the database. */
    treePeakMb: number;
    samples: MemorySample[];
  };
  /** From the moment the provider was back. */
  drain: { waitedS: number; messagesPerSecond: number; seconds: number };
  lost: number;
  duplicates: number;
  doubts: string[];
};

const WARM_UP = 500;
/** Longer than the longest wait between two tries of a provider that is away. */
const RETURN_PATIENCE_MS = 360_000;
const PATIENCE_MS = 75_000;

const SHAPE = {
  json: { type: "boolean", default: false },
  quick: { type: "boolean", default: false },
  messages: { type: "string" },
  sessions: { type: "string" },
  size: { type: "string" },
  folder: { type: "string" },
  "at-most": { type: "string" },
} as const;

export async function run(words: readonly string[]): Promise<number> {
  const given = read(words, SHAPE);
  const messages = whole("messages", given.messages, given.quick ? 10_000 : 100_000, 100);
  const load = {
    messages,
    sessions: whole("sessions", given.sessions, 50),
    octets: whole("size", given.size, 5_120, 4),
  };
  return withUndo(whole("at-most", given["at-most"], 30), async (undo) => {
    const place = placeOnDisk(given.folder ?? null);
    const result = await measure(load, place, undo);
    process.stdout.write(given.json ? `${JSON.stringify(result)}\n` : `${backlogText(result)}\n`);
    return 0;
  });
}

async function measure(
  { messages, sessions, octets }: { messages: number; sessions: number; octets: number },
  place: string,
  undo: Undo,
): Promise<BacklogResult> {
  const progress = new Progress();
  const machine = describeMachine(place);
  const folder = mkdtempSync(path.join(place, "postern-bench-backlog-"));
  chmodSync(folder, 0o755);
  undo.add(() => rmSync(folder, { recursive: true, force: true }));
  const first = await startSink(undo);
  progress.doing("starting Postern");
  const postern = await startPostern({ folder, sinkPort: first.port, undo });
  const send = (count: number) =>
    sendTo([postern.port], { messages: count, sessions, octets, perSecond: null, generator: "own" }, undo);

  const warm = await send(WARM_UP);
  await first.until(warm.accepted, { patienceMs: PATIENCE_MS });
  await first.stop();

  progress.say(`The provider is away: ${messages} messages are accepted and wait`);
  const curve = new MemoryCurve(postern.pid, postern.roots);
  undo.add(() => curve.end());
  const beganS = curve.elapsedS;
  const load = await send(messages);
  const acceptedS = curve.elapsedS;
  const seconds = (load.lastAt - load.firstAt) / 1_000;
  progress.say(`${load.accepted} accepted in ${round(seconds, 1)} s; the provider comes back`);

  const sink = await startSink(undo, first.port);
  const drain = await drained(sink, load.accepted, progress);
  curve.end();
  progress.end();
  const quarter = (acceptedS - beganS) / 4;
  const { samples } = curve;
  return {
    bench: "backlog",
    machine,
    messages,
    octets,
    accept: {
      messagesPerSecond: round(load.accepted / seconds, 1),
      p50Ms: load.acceptP50Ms,
      p99Ms: load.acceptP99Ms,
      seconds: round(seconds, 1),
    },
    memory: {
      nodePeakMb: round(peakBetween(samples, 0, Infinity)),
      secondQuarterMb: round(peakBetween(samples, beganS + quarter, beganS + 2 * quarter)),
      lastQuarterMb: round(peakBetween(samples, beganS + 3 * quarter, acceptedS)),
      treePeakMb: round(curve.treePeakMb),
      samples: samples.map(({ atS, nodeMb }) => ({ atS: round(atS, 1), nodeMb: round(nodeMb, 1) })),
    },
    drain: drain.times,
    lost: Math.max(0, load.accepted - drain.report.messages),
    duplicates: drain.report.duplicates,
    doubts: [
      ...load.complaints,
      ...(load.unknown > 0 ? [`${load.unknown} messages got no answer`] : []),
      ...(drain.report.unnamed > 0 ? [`${drain.report.unnamed} messages came without their Message-ID`] : []),
    ],
  };
}

async function drained(
  sink: Sink,
  messages: number,
  progress: Progress,
): Promise<{ report: SinkReport; times: BacklogResult["drain"] }> {
  const backAt = performance.timeOrigin + performance.now();
  progress.doing("waiting for the first message");
  await sink.until(1, { patienceMs: RETURN_PATIENCE_MS });
  const startedAt = performance.now();
  const report = await sink.until(messages, {
    patienceMs: PATIENCE_MS,
    onCount: (count) =>
      progress.count("drain", count, messages, (count * 1_000) / Math.max(1, performance.now() - startedAt)),
  });
  const { firstAt, lastAt } = report;
  if (firstAt === null || lastAt === null) throw new Error("Nothing came after the provider was back.");
  const seconds = Math.max(0.001, (lastAt - firstAt) / 1_000);
  return {
    report,
    times: {
      waitedS: round((firstAt - backAt) / 1_000, 1),
      messagesPerSecond: round(report.messages / seconds, 1),
      seconds: round(seconds, 1),
    },
  };
}
