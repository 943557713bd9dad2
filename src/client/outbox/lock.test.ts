import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { type QuickClock, quickClock } from "../../../test/support/quick-clock.ts";
import { OutboxLock } from "./lock.ts";

let folder: string;
let clock: QuickClock;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "postern-lock-"));
  clock = quickClock(() => true);
});
afterEach(() => rmSync(folder, { recursive: true }));

const acquire = () => OutboxLock.acquire(folder, clock);
const holder = (change: object) =>
  JSON.stringify({ token: "t", host: hostname(), pid: process.pid, thread: 0, released: false, ...change });
const put = (number: number, text: string) => writeFileSync(path.join(folder, `lock.${number}`), text);

test("one holds it; the next one gets it after its release", async () => {
  const first = await acquire();
  assert.ok(first);
  assert.equal(await acquire(), null);
  await first.release();
  const second = await acquire();
  assert.ok(second);
  assert.equal(await first.isHeld(), false);
  await second.release();
});

test("of many who ask at once one gets it, also when a dead one's is taken over", async () => {
  for (const start of ["free", "dead"]) {
    if (start === "dead") put(500, holder({ token: "of a former life" }));
    const got = (await Promise.all(Array.from({ length: 20 }, acquire))).filter((lock) => lock !== null);
    assert.equal(got.length, 1, start);
    assert.equal(await got[0]!.isHeld(), true);
    await got[0]!.release();
  }
});

test("a process that is gone holds nothing, even before its silence is noticed", async () => {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  put(1, holder({ pid: child.pid }));
  const lock = await acquire();
  assert.ok(lock);
  await lock.release();
});

test("one that lives holds it, on this machine or another, until it is silent for a minute", async () => {
  for (const alive of [holder({ pid: process.ppid }), holder({ host: "elsewhere.test" }), "" /* being written */]) {
    put(1, alive);
    assert.equal(await acquire(), null, alive);
    const before = new Date(clock.now() - 61_000);
    utimesSync(path.join(folder, "lock.1"), before, before);
    const lock = await acquire();
    assert.ok(lock, alive);
    await lock.release();
    for (const name of readdirSync(folder)) rmSync(path.join(folder, name));
  }
});

test("a holder that slept through its time sees that another one holds it, and cannot free what is not its own", async () => {
  const sleeper = await acquire();
  put(7, holder({ host: "elsewhere.test" }));
  assert.equal(await sleeper!.isHeld(), false);
  await sleeper!.release();
  assert.equal(await acquire(), null);
});
