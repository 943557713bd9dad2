import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { UsageMeter } from "./usage.ts";

const BURN = `(ms) => {
  const from = process.cpuUsage();
  for (let used = from; (used.user + used.system) / 1000 < ms || used === from; ) used = process.cpuUsage(from);
}`;

/** A process that runs `source` when it is told to and says when it has. */
async function worker(source: string) {
  const program = `const { execFileSync } = require("node:child_process");
    const burn = ${BURN};
    process.on("message", () => { ${source}; process.send("done"); });
    process.send("ready");`;
  const child: ChildProcess = spawn(process.execPath, ["-e", program], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  await once(child, "message");
  return {
    pid: child.pid!,
    async work() {
      const done = once(child, "message");
      child.send("go");
      await done;
    },
    end: () => child.kill(),
  };
}

test("CPU of a process, and of a child that came and went in between, is counted", async () => {
  const burnInChild = `execFileSync(process.execPath, ["-e", ${JSON.stringify(`(${BURN})(300)`)}])`;
  const one = await worker(`burn(200); ${burnInChild}`);
  const meter = new UsageMeter(() => [one.pid]);
  await one.work();
  const { cpuMs } = meter.end();
  one.end();
  assert.ok(cpuMs >= 480 && cpuMs < 900, `${cpuMs} ms`); // 500, the child's own start, and ticks of 10 ms
});

test("the peak is that of the whole tree, and memory two processes share is counted once", async () => {
  const one = await worker(`globalThis.kept = Buffer.alloc(150 * 2 ** 20, 1)`);
  const before = new UsageMeter(() => [one.pid]).end();
  const meter = new UsageMeter(() => [one.pid, process.pid]);
  await one.work();
  const { peakMemoryMb, processes } = meter.end();
  one.end();
  assert.ok(peakMemoryMb! > before.peakMemoryMb! + 150, `${before.peakMemoryMb} → ${peakMemoryMb} MB`);
  assert.ok(processes >= 2);
});
