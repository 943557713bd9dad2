import { startPostern } from "../relay/systems/postern.ts";
import { round } from "../relay/statistics.ts";
import { grouped } from "../show/table.ts";
import { type Row, type Stage, ownFolder, relayed, rowOf, warmUp } from "./stage.ts";

export type SizesRow = Row & { octets: number; messages: number; sessions: number; megabytesPerSecond: number };
export type SizeLevel = Pick<SizesRow, "octets" | "messages" | "sessions">;

/** One Postern, messages of growing size. */
export async function sizesRows(levels: readonly SizeLevel[], stage: Stage): Promise<SizesRow[]> {
  const undo = stage.undo.part();
  const own: Stage = { ...stage, undo };
  try {
    stage.progress.doing("sizes: starting Postern");
    const postern = await startPostern({
      folder: ownFolder(stage, undo, "growth"),
      sinkPort: stage.sink.port,
      undo,
    });
    const way = { ports: [postern.port], roots: postern.roots };
    await warmUp(way.ports, way.roots, own);
    const rows: SizesRow[] = [];
    for (const level of levels) {
      const phase = await relayed({ ...way, name: `${grouped(level.octets)} octets`, ...level }, own);
      const row = rowOf(phase, level.octets);
      rows.push({
        ...row,
        ...level,
        megabytesPerSecond: round((row.messagesPerSecond * level.octets) / 1e6, 1),
      });
      stage.progress.say(`${grouped(level.octets)} octets: ${row.messagesPerSecond} messages/s`);
    }
    return rows;
  } finally {
    await undo.all();
  }
}
