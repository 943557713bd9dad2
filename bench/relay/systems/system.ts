import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { type Socket, connect, createServer } from "node:net";
import { setTimeout as after } from "node:timers";
import type { Undo } from "../undo.ts";

/** A mail system that can be measured: it takes mail on a port and relays it to the sink. */
export type MailSystem = {
  /** Under this name its figures stand: `haraka1` and `haraka2` are two ways to run one system. */
  name: string;
  family: "postern" | "postfix" | "haraka";
  title: string;
  /** Null where it can be run here; else why not, and what would help. */
  missing(): string | null;
  /** Starts it with an empty queue in `folder`, which is its own; `undo` ends it. @throws Error with the end of its log. */
  start(place: Place): Promise<RunningSystem>;
};

export type Place = { folder: string; sinkPort: number; undo: Undo };

export type RunningSystem = {
  port: number;
  version: string;
  /** Its first processes; what they started belongs to it. */
  roots(): number[];
};

const START_MS = 90_000;
const STOP_MS = 25_000;
const POLL_MS = 25;
const pause = (): Promise<void> => new Promise((resolve) => after(resolve, POLL_MS));

/** A port of loopback that is free at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const bound = server.address();
      server.close(() => resolve(typeof bound === "object" && bound ? bound.port : 0));
    });
  });
}

/** A child in the foreground whose words go to a file. `ended` is its exit code once it has one. */
export function startProcess(
  command: readonly string[],
  logFile: string,
  environment: NodeJS.ProcessEnv,
  undo: Undo,
): { pid: number; readonly ended: string | null } {
  const log = openSync(logFile, "a");
  const child = spawn(command[0]!, command.slice(1), { stdio: ["ignore", log, log], env: environment });
  closeSync(log);
  let ended: string | null = null;
  child.on("error", (error) => (ended = error.message));
  child.on("exit", (code, signal) => (ended = `exit ${code ?? signal}`));
  undo.add(async () => {
    child.kill("SIGTERM");
    for (const from = performance.now(); ended === null && performance.now() - from < STOP_MS;) await pause();
    if (ended === null) child.kill("SIGKILL");
  });
  return {
    pid: child.pid ?? 0,
    get ended() {
      return ended;
    },
  };
}

/** Until the SMTP greeting comes. @throws Error where the process ends first or takes too long, with the end of its log. */
export async function untilGreets(port: number, ended: () => string | null, logFile: string): Promise<void> {
  const from = performance.now();
  while (!(await greets(port))) {
    const end = ended() ?? (performance.now() - from > START_MS ? `no greeting in ${START_MS / 1_000} s` : null);
    if (end !== null) throw new Error(`It did not start (${end}). Its log ends so:\n${endOf(logFile)}`);
    await pause();
  }
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket: Socket = connect({ port, host: "127.0.0.1" });
    const end = (said: boolean): void => {
      socket.destroy();
      resolve(said);
    };
    socket.setTimeout(5_000, () => end(false));
    socket.on("error", () => end(false));
    socket.on("data", (bytes) => end(bytes.toString("latin1", 0, 3) === "220"));
    socket.on("close", () => resolve(false));
  });
}

export async function untilGone(pid: number): Promise<boolean> {
  for (const from = performance.now(); performance.now() - from < STOP_MS; await pause()) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
  }
  return false;
}

export function endOf(file: string, lines = 12): string {
  try {
    return readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
  } catch {
    return "(no log)";
  }
}
