import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { delay, systemClock } from "../../src/kernel/index.ts";
import type { SinkReport } from "./sink.ts";
import type { Undo } from "./undo.ts";

const POLL_MS = 50;

/** The sink as seen from the bench. */
export type Sink = {
  port: number;
  pid: number;
  begin(): Promise<void>;
  report(): Promise<SinkReport>;
  /** Until `messages` different ones came since `begin`, or none came for `patienceMs`. */
  until(messages: number, watch: { patienceMs: number; onCount?(messages: number): void }): Promise<SinkReport>;
  stop(): Promise<void>;
};

/** @param port 0 for any free one. */
export async function startSink(undo: Undo, port = 0): Promise<Sink> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, "sink.ts"), String(port)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => {
    child.on("exit", () => resolve());
  });
  const waiting: ((line: string) => void)[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.(line));
  const answer = <Shape>(): Promise<Shape> =>
    new Promise((resolve, reject) => {
      waiting.push((line) => resolve(JSON.parse(line) as Shape));
      void ended.then(() => reject(new Error("The sink has ended by itself.")));
    });
  const ask = (command: string): Promise<SinkReport> => {
    const answered = answer<SinkReport>();
    child.stdin.write(`${command}\n`);
    return answered;
  };
  child.stdin.on("error", () => {}); // it ended: `ended` says so
  const stop = undo.add(async () => {
    child.stdin.end();
    await ended;
  });
  const { port: bound } = await answer<{ port: number }>();
  return {
    port: bound,
    pid: child.pid!,
    async begin() {
      await ask("begin");
    },
    report: () => ask("report"),
    async until(messages, { patienceMs, onCount }) {
      let newestAt = performance.now();
      for (let count = -1; ; await delay(systemClock, POLL_MS)) {
        const report = await ask("report");
        onCount?.(report.messages);
        if (report.messages > count) newestAt = performance.now();
        count = report.messages;
        if (count >= messages || performance.now() - newestAt > patienceMs) return report;
      }
    },
    stop,
  };
}
