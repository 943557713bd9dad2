import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { virtualClock } from "../../../test/support/virtual-clock.ts";
import { type LogFields, silentLog } from "../../kernel/index.ts";
import { keepRunning } from "./keep-running.ts";

const NO_SUCH_PID = 2 ** 30;

function scene(first = process.pid) {
  const clock = virtualClock();
  const starts: number[] = [];
  const lines: LogFields[] = [];
  let pid = first;
  const begunAt = clock.monotonicMs();
  const watch = keepRunning({
    pid: () => pid,
    startAgain: () => {
      starts.push(clock.monotonicMs() - begunAt);
      pid = parts.startable ? process.pid : NO_SUCH_PID;
    },
    isStuck: () => Promise.resolve(parts.stuck),
    said: () => Promise.resolve({ said: "PANIC:  could not write", diskFreeBytes: 0 }),
    clock,
    log: { ...silentLog, error: (event, fields) => lines.push({ event, ...fields }) },
  });
  const parts = {
    clock,
    starts,
    lines,
    startable: false,
    stuck: false,
    die: () => (pid = NO_SUCH_PID),
    stop: () => watch.stop(),
  };
  return parts;
}

test("a server that dies is started again at once, then ever later, at most four seconds apart", async () => {
  const { clock, starts, lines, die, stop } = scene();
  await clock.advance(60_000);
  assert.deepEqual(starts, []);
  die();
  await clock.advance(30_000);
  await stop();
  const waits = starts.slice(1).map((at, n) => at - starts[n]!);
  assert.ok(starts[0]! - 60_000 <= 600, `first after ${starts[0]! - 60_000} ms`);
  assert.ok(
    waits.every((wait, n) => n === 0 || wait >= waits[n - 1]! - 300),
    waits.join(),
  );
  assert.ok(Math.max(...waits) <= 4_600 && waits.length >= 6 && waits.length <= 12, waits.join());
  assert.deepEqual(lines[0], {
    event: "database.died",
    pid: NO_SUCH_PID,
    said: "PANIC:  could not write",
    diskFreeBytes: 0,
    next: "starting it again in 0 ms",
  });
  assert.equal(lines.length, starts.length + (lines.length > starts.length ? 1 : 0), "one line for each death");
});

test("once it stays up for a while its next death is a first one", async () => {
  const one = scene();
  one.die();
  await one.clock.advance(20_000);
  one.startable = true;
  await one.clock.advance(20_000);
  one.starts.length = 0;
  one.startable = false;
  one.die();
  const diedAt = one.clock.monotonicMs();
  await one.clock.advance(1_000);
  await one.stop();
  assert.ok(one.starts[0]! - diedAt <= 600);
});

test("a server that lives but is stuck is ended, once it was seen so three times in a row", async () => {
  const child = spawn("/bin/sh", ["-c", "read -r _"]);
  const one = scene(child.pid!);
  one.stuck = true;
  await one.clock.advance(12_000);
  one.stuck = false;
  await one.clock.advance(6_000);
  one.stuck = true;
  await one.clock.advance(12_000);
  assert.equal(child.signalCode, null);
  const ended = once(child, "exit");
  await one.clock.advance(6_000);
  assert.deepEqual(await ended, [null, "SIGQUIT"]);
  assert.equal(one.lines[0]!["event"], "database.stuck");
  await one.stop();
});
