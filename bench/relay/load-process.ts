import { spawn } from "node:child_process";
import path from "node:path";
import type { LoadOrder, LoadReport } from "./load.ts";
import type { Undo } from "./undo.ts";

export type LoadResult = Omit<LoadReport, "cpuMs"> & { cpuMs: number | null };

/** Where the load comes from: our own generator, which also measures latency, or Postfix's, to check ours against. */
export type Generator = "own" | "smtp-source";

let runs = 0;
/** Unlike that of any other run, of this process and of others. */
const runName = (): string =>
  `${process.pid.toString(36)}.${Math.trunc(performance.timeOrigin).toString(36)}.${runs++}`;

/** Sends a load to one port, or shared evenly among several, from a process for each. @throws Error where one of them fails. */
export async function sendTo(
  ports: readonly number[],
  load: Omit<LoadOrder, "port" | "run"> & { generator: Generator },
  undo: Undo,
): Promise<LoadResult> {
  const { generator, messages, sessions, octets, perSecond } = load;
  const share = (all: number, n: number): number =>
    Math.floor(((n + 1) * all) / ports.length) - Math.floor((n * all) / ports.length);
  const results = await Promise.all(
    ports.map((port, n) => {
      const order: LoadOrder = {
        port,
        messages: share(messages, n),
        sessions: Math.max(1, share(sessions, n)),
        octets,
        perSecond: perSecond === null ? null : perSecond / ports.length,
        run: runName(),
      };
      return generator === "smtp-source" && perSecond === null ? smtpSource(order, undo) : ownLoad(order, undo);
    }),
  );
  return results.reduce(together);
}

/** Of several at once: what is counted adds up, of latencies the worst is told. */
function together(a: LoadResult, b: LoadResult): LoadResult {
  const worst = (x: number | null, y: number | null): number | null =>
    x === null || y === null ? null : Math.max(x, y);
  return {
    accepted: a.accepted + b.accepted,
    deferred: a.deferred + b.deferred,
    refused: a.refused + b.refused,
    unknown: a.unknown + b.unknown,
    late: a.late + b.late,
    acceptP50Ms: worst(a.acceptP50Ms, b.acceptP50Ms),
    acceptP99Ms: worst(a.acceptP99Ms, b.acceptP99Ms),
    acceptMaxMs: worst(a.acceptMaxMs, b.acceptMaxMs),
    firstAt: Math.min(a.firstAt, b.firstAt),
    lastAt: Math.max(a.lastAt, b.lastAt),
    cpuMs: a.cpuMs === null || b.cpuMs === null ? null : a.cpuMs + b.cpuMs,
    complaints: [...new Set([...a.complaints, ...b.complaints])],
  };
}

async function ownLoad(order: LoadOrder, undo: Undo): Promise<LoadResult> {
  const { code, out } = await run(
    [process.execPath, path.join(import.meta.dirname, "load.ts"), JSON.stringify(order)],
    undo,
  );
  if (code !== 0) throw new Error(`The load generator ended with ${code}.`);
  return JSON.parse(out) as LoadReport;
}

/** It ends with an error at the first answer it does not like, so where it ends well every message was accepted. */
async function smtpSource(order: LoadOrder, undo: Undo): Promise<LoadResult> {
  const { port, messages, sessions, octets } = order;
  const words = ["-d", "-s", sessions, "-m", messages, "-l", octets, "-f", "a@src.test", "-t", "b@dst.test"].map(
    String,
  );
  const firstAt = performance.timeOrigin + performance.now();
  const { code } = await run(["smtp-source", ...words, `127.0.0.1:${port}`], undo);
  if (code !== 0) throw new Error(`smtp-source ended with ${code}: the system refused a message.`);
  const lastAt = performance.timeOrigin + performance.now();
  const unmeasured = { acceptP50Ms: null, acceptP99Ms: null, acceptMaxMs: null, cpuMs: null };
  const counts = { accepted: messages, deferred: 0, refused: 0, unknown: 0, late: 0 };
  return { ...counts, ...unmeasured, firstAt, lastAt, complaints: [] };
}

async function run(command: readonly string[], undo: Undo): Promise<{ code: number | null; out: string }> {
  const child = spawn(command[0]!, command.slice(1), { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const stop = undo.add(() => void child.kill());
  const code = await ended;
  await stop();
  return { code, out };
}
