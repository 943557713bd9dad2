import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Clock, silentLog, systemRandom } from "../../src/kernel/index.ts";
import { startEmbedded } from "../../src/store/index.ts";

/** Where a PostgreSQL server for tests is; any database of it may be made and dropped. */
export type TestServer = { host: string; port: number; user: string; password: string };

/** scripts/test.ts starts one server for the whole run and names it here, as JSON, to every test file. */
export const TEST_SERVER_VARIABLE = "POSTERN_TEST_SERVER";

/**
 * A PostgreSQL of our own in a temporary folder; about two seconds. It is gone when this process is, however that
 * ends: a shell waits on a pipe that the system closes with us, then stops the server and removes the folder.
 */
export async function startTestServer(): Promise<{ server: TestServer; stop(): Promise<void> }> {
  const dataFolder = mkdtempSync(path.join(tmpdir(), "postern-test-"));
  chmodSync(dataFolder, 0o755); // started by root, the server runs as another user
  let starting = true;
  const clock: Clock = {
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    after(delayMs, task) {
      const handle = setTimeout(task, delayMs);
      if (!starting) handle.unref(); // looking after the server is no reason to stay alive
      return { cancel: () => clearTimeout(handle) };
    },
  };
  const embedded = await startEmbedded({ dataFolder, clock, random: systemRandom, log: silentLog });
  const cleaner = startCleaner(dataFolder);
  starting = false;
  if (!("host" in embedded.target)) throw new Error("the embedded server is reached by its socket");
  const { database: _, ...server } = embedded.target;
  return {
    server,
    async stop() {
      starting = true;
      await embedded.stop();
      await cleaner();
    },
  };
}

const CLEAN_UP = `
read -r _
pid=$(head -n 1 "$1/postgres/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null &&
  while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
rm -rf "$1" "$2"`;

function startCleaner(dataFolder: string): () => Promise<void> {
  const pointer = path.join(dataFolder, "postgres.location"); // written when root had to put the cluster elsewhere
  const root = existsSync(pointer) ? readFileSync(pointer, "utf8").trim() : dataFolder;
  const shell = spawn("/bin/sh", ["-c", CLEAN_UP, "sh", root, dataFolder], {
    detached: true, // a Ctrl-C is for us; the shell must outlive it
    stdio: ["pipe", "ignore", "ignore"],
  });
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  return () =>
    new Promise((resolve) => {
      shell.ref();
      shell.once("close", () => resolve());
      shell.stdin.end();
    });
}
