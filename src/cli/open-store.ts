import type { Settings } from "../config/index.ts";
import { type Clock, type Log, Problem, type Random, delay } from "../kernel/index.ts";
import {
  type Database,
  type DatabaseTarget,
  type EmbeddedServer,
  connectDatabase,
  embeddedTarget,
  holderOf,
  startEmbedded,
} from "../store/index.ts";

type OpenStore = {
  database: Database;
  /** Whose server it is: a configured one, one that a running Postern keeps, or one started for this command. */
  via: "server" | "running" | "started";
  close(): Promise<void>;
};

type StoreParts = { settings: Pick<Settings, "dataFolder" | "database">; clock: Clock; random: Random; log: Log };

/** A Postern that is just starting needs this long until its database answers: initdb takes a few seconds. */
const STARTING_TIMEOUT_MS = 20_000;
const POLL_MS = 100;

/**
 * The database a command works on. With the embedded one: beside a running Postern through its socket; otherwise the
 * server is started for the command and stopped with it.
 * @throws Problem of startEmbedded, `data-folder-held` where the holder's database does not become ready.
 */
async function openStore({ settings, clock, random, log }: StoreParts): Promise<OpenStore> {
  const open = (target: DatabaseTarget, via: OpenStore["via"], server?: EmbeddedServer): OpenStore => {
    const database = connectDatabase({ target, clock, log });
    return {
      database,
      via,
      async close() {
        await database.close();
        await server?.stop();
      },
    };
  };
  const { dataFolder } = settings;
  if (settings.database.kind === "server") {
    return open({ connectionString: settings.database.url.reveal() }, "server");
  }
  for (const deadline = clock.monotonicMs() + STARTING_TIMEOUT_MS; ; await delay(clock, POLL_MS)) {
    const running = embeddedTarget(dataFolder);
    if (running) return open(running, "running");
    if (holderOf(dataFolder) !== null && clock.monotonicMs() < deadline) continue;
    try {
      const server = await startEmbedded({ dataFolder, clock, random, log });
      return open(server.target, "started", server);
    } catch (error) {
      // Someone was quicker: then it is theirs to run and ours to use.
      const held = error instanceof Problem && error.code === "data-folder-held";
      if (!held || clock.monotonicMs() >= deadline) throw error;
    }
  }
}

/** Opens, works, closes, whatever happens. */
export async function withStore<Result>(
  parts: StoreParts,
  work: (database: Database, store: OpenStore) => Promise<Result>,
): Promise<Result> {
  const store = await openStore(parts);
  try {
    return await work(store.database, store);
  } finally {
    await store.close();
  }
}
