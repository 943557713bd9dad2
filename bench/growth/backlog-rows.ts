import { embeddedTarget } from "../../src/store/index.ts";
import { delay, systemClock } from "../../src/kernel/index.ts";
import { round } from "../relay/statistics.ts";
import { startPostern } from "../relay/systems/postern.ts";
import { grouped } from "../show/table.ts";
import { type Row, type Stage, ownFolder, relayed, rowOf, warmUp } from "./stage.ts";
import { WaitingRows } from "./waiting-rows.ts";

export type BacklogRow = Row & {
  waiting: number;
  /** Handed off per second once all that waited was due; null where none was within the time. */
  drainedPerSecond: number | null;
  drained: number;
};

/** Any will do; Postern is given it and the rows are sealed with it. */
const BODY_KEY = "b0".repeat(32);
/** Of a great backlog this much is enough to know the rate. */
const DRAIN_MS = 15_000;
const DRAIN_PATIENCE_MS = 5_000;
const POLL_MS = 100;
const QUEUE_ROWS = 5_000_000;

/** New mail while so many wait for tomorrow; then all of them are due at once. */
export async function backlogRows(levels: readonly number[], messages: number, stage: Stage): Promise<BacklogRow[]> {
  const undo = stage.undo.part();
  const { progress, sink } = stage;
  const own: Stage = { ...stage, undo };
  try {
    const folder = ownFolder(stage, undo, "growth");
    const postern = await startPostern({
      folder,
      sinkPort: sink.port,
      undo,
      bodyKey: BODY_KEY,
      limits: { queueRows: QUEUE_ROWS },
    });
    const target = embeddedTarget(postern.dataFolder);
    if (!target) throw new Error("Postern's database is not ready.");
    const waiting = await WaitingRows.open(target, BODY_KEY);
    undo.add(() => waiting.close());
    const way = { ports: [postern.port], roots: postern.roots };
    await warmUp(way.ports, way.roots, own);
    const rows: BacklogRow[] = [];
    for (const level of levels) {
      await waiting.fill(level, (count) => progress.count("filling the queue", count, level, null));
      const phase = await relayed({ ...way, name: `${grouped(level)} waiting`, messages }, own);
      progress.doing(`${grouped(level)} fall due`);
      await sink.begin();
      await waiting.makeDue();
      const drain = await drainFor(level, own);
      progress.doing("putting off what is left");
      const left = await waiting.putOff();
      const relay = rowOf(phase);
      const row = { ...relay, waiting: level, ...drain, duplicates: relay.duplicates + drain.duplicates };
      rows.push(row);
      progress.say(
        `${grouped(level)} waiting: ${grouped(row.messagesPerSecond)} messages/s of new mail; due: ${grouped(row.drainedPerSecond ?? 0)}/s (${grouped(left)} left)`,
      );
    }
    return rows;
  } finally {
    await undo.all();
  }
}

async function drainFor(
  level: number,
  { sink, progress }: Stage,
): Promise<Pick<BacklogRow, "drained" | "drainedPerSecond" | "duplicates">> {
  const startedAt = performance.now();
  let report = await sink.until(1, { patienceMs: DRAIN_MS });
  let newestAt = performance.now();
  while (
    report.messages < level &&
    performance.now() - startedAt < DRAIN_MS &&
    performance.now() - newestAt < DRAIN_PATIENCE_MS
  ) {
    await delay(systemClock, POLL_MS);
    const next = await sink.report();
    if (next.messages > report.messages) newestAt = performance.now();
    report = next;
    progress.count("draining", report.messages, level, null);
  }
  const { firstAt, lastAt, messages, duplicates } = report;
  const tookMs = firstAt === null || lastAt === null ? 0 : lastAt - firstAt;
  return { drained: messages, duplicates, drainedPerSecond: tookMs > 0 ? round((messages * 1_000) / tookMs, 1) : null };
}
