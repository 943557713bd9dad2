import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { eventually } from "./eventually.ts";

export const ROOT = path.join(import.meta.dirname, "../..");
const LAUNCHER = path.join(ROOT, "bin/postern");

export type Ended = { code: number | null; signal: NodeJS.Signals | null; out: string; err: string };
export type PosternProcess = {
  child: ChildProcess;
  readonly out: string;
  readonly err: string;
  ended: Promise<Ended>;
};

type Parts = {
  environment?: Readonly<Record<string, string>>;
  cwd?: string;
  input?: string;
  /** bin/postern unless another program is to be started with the same words. */
  program?: string;
};

/** The command line as a person starts it: a process of its own, with nothing of our environment but the paths. */
export function startPostern(
  words: readonly string[],
  { environment, cwd = ROOT, input, program = LAUNCHER }: Parts,
): PosternProcess {
  const child = spawn(program, words, {
    cwd,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const written = { out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => (written.out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (written.err += chunk.toString()));
  child.stdin.end(input);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, ...written }));
  });
  return {
    child,
    get out() {
      return written.out;
    },
    get err() {
      return written.err;
    },
    ended,
  };
}

export const runPosternProcess = (words: readonly string[], parts: Parts = {}): Promise<Ended> =>
  startPostern(words, parts).ended;

/** What a `serve` says once it runs. */
export type Started = { smtp: string; http: string; pid: number };

/** Waits until `serve` says that it runs. @throws Error with all it said where it ended instead. */
export async function started(serve: PosternProcess): Promise<Started> {
  const line = await eventually(() => {
    if (serve.child.exitCode !== null)
      throw new Error(`serve ended with ${serve.child.exitCode}: ${serve.out}${serve.err}`);
    return serve.out.split("\n").find((one) => one.includes('"process.started"')) ?? null;
  }, 30_000);
  const { smtp, http } = JSON.parse(line) as Started;
  return { smtp, http, pid: serve.child.pid! };
}

/** A lab of its own: nothing fixed, nothing left. */
export function scratchLab(extra: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), "postern-lab-"));
  chmodSync(folder, 0o755); // started by root, the database runs as another user
  const data = path.join(folder, "data");
  return {
    folder,
    data,
    environment: {
      POSTERN_DATA: data,
      POSTERN_SMTP_PORT: "0",
      POSTERN_HTTP_PORT: "0",
      POSTERN_LAB_PORTS: "0,0",
      POSTERN_LAB_CANARIES: "off", // tests count what they sent themselves
      ...extra,
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
