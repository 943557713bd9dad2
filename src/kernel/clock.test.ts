import assert from "node:assert/strict";
import { test } from "node:test";
import { virtualClock } from "../../test/support/virtual-clock.ts";
import { delay, every, systemClock } from "./clock.ts";

test("a series counts its interval from the end of the run before, so runs never overlap", async () => {
  const clock = virtualClock();
  const runs: string[] = [];
  const series = every(
    clock,
    100,
    async () => {
      runs.push(`start ${clock.monotonicMs()}`);
      await delay(clock, 250);
      runs.push(`end ${clock.monotonicMs()}`);
    },
    (error) => assert.fail(String(error)),
  );
  await clock.advance(800);
  assert.deepEqual(runs, ["start 100", "end 350", "start 450", "end 700", "start 800"]);
  const stopped = series.stop();
  await clock.advance(1_000);
  await stopped;
});

test("a run that fails is told and does not end the series", async () => {
  const clock = virtualClock();
  const errors: unknown[] = [];
  let runs = 0;
  const series = every(
    clock,
    10,
    async () => {
      runs += 1;
      if (runs < 3) throw new Error(`run ${runs}`);
    },
    (error) => errors.push((error as Error).message),
  );
  await clock.advance(45);
  assert.equal(runs, 4);
  assert.deepEqual(errors, ["run 1", "run 2"]);
  await series.stop();
});

test("stop waits for the run on its way, and nothing runs after it", async () => {
  const clock = virtualClock();
  let ended = 0;
  const series = every(
    clock,
    10,
    async () => {
      await delay(clock, 100);
      ended += 1;
    },
    (error) => assert.fail(String(error)),
  );
  await clock.advance(20);
  let stopped = false;
  const stopping = series.stop().then(() => (stopped = true));
  await clock.advance(50);
  assert.equal(stopped, false, "the run is still on its way");
  await clock.advance(50);
  await stopping;
  assert.equal(ended, 1);
  await clock.advance(1_000);
  assert.equal(ended, 1);
  assert.equal(clock.pending, 0);
});

test("a series that is stopped before its first run never runs", async () => {
  const clock = virtualClock();
  const series = every(
    clock,
    10,
    () => assert.fail("ran"),
    (error) => assert.fail(String(error)),
  );
  await series.stop();
  await clock.advance(100);
});

test("the system's clock waits, cancels and only ever rises", async () => {
  const before = systemClock.monotonicMs();
  systemClock.after(1, () => assert.fail("cancelled timer ran")).cancel();
  await delay(systemClock, 5);
  assert.ok(systemClock.monotonicMs() > before);
  assert.ok(Math.abs(systemClock.now() - Date.now()) < 1_000);
});
