import { silentLog, systemClock, systemRandom } from "../../src/kernel/index.ts";
import { startEmbedded } from "../../src/store/index.ts";
import { type RunningPostern, startPostern } from "../relay/systems/postern.ts";
import { type Row, type Stage, folderIn, ownFolder, relayed, rowOf, warmUp } from "./stage.ts";

export type ProcessesRow = Row & { processes: number };

const BODY_KEY = "c0".repeat(32);

/** The same load shared among so many Postern processes on one PostgreSQL. */
export async function processesRows(
  counts: readonly number[],
  messages: number,
  stage: Stage,
): Promise<ProcessesRow[]> {
  const rows: ProcessesRow[] = [];
  for (const count of counts) {
    const undo = stage.undo.part();
    const own: Stage = { ...stage, undo };
    try {
      stage.progress.doing(`${count} Postern on one database: starting`);
      const folder = ownFolder(stage, undo, "growth");
      const server = await startEmbedded({
        dataFolder: folderIn(folder, "database"),
        clock: systemClock,
        random: systemRandom,
        log: silentLog,
      });
      undo.add(() => server.stop());
      const { target } = server;
      if (!("host" in target)) throw new Error("The embedded server is not where it should be.");
      const login = `${target.user}:${encodeURIComponent(target.password)}`;
      const databaseUrl = `postgresql://${login}@localhost:${target.port}/${target.database}?host=${encodeURIComponent(target.host)}`;
      const posterns: RunningPostern[] = [];
      for (let n = 0; n < count; n += 1) {
        posterns.push(
          await startPostern({
            folder: folderIn(folder, `postern-${n}`),
            sinkPort: stage.sink.port,
            undo,
            databaseUrl,
            bodyKey: BODY_KEY,
          }),
        );
      }
      const way = {
        ports: posterns.map((one) => one.port),
        roots: () => [...posterns.map((one) => one.pid), server.pid()],
      };
      await warmUp(way.ports, way.roots, own);
      const phase = await relayed({ ...way, name: `${count} Postern`, messages }, own);
      const row = { ...rowOf(phase), processes: count };
      rows.push(row);
      stage.progress.say(`${count} Postern on one database: ${Math.round(row.messagesPerSecond)} messages/s`);
    } finally {
      await undo.all();
    }
  }
  return rows;
}
