import assert from "node:assert/strict";
import { test } from "node:test";
import { delay, every } from "../../src/kernel/index.ts";
import { seededRandom } from "./seeded-random.ts";
import { virtualClock } from "./virtual-clock.ts";

test("timers run at their own instant, those of one instant in the order they were set", async () => {
  const clock = virtualClock(1_000);
  const seen: string[] = [];
  for (const [name, delayMs] of [
    ["c", 30],
    ["a", 10],
    ["b1", 20],
    ["b2", 20],
  ] as const)
    clock.after(delayMs, () => seen.push(`${name}@${clock.now()}`));
  clock.after(15, () => seen.push("cancelled")).cancel();
  await clock.advance(25);
  assert.deepEqual(seen, ["a@1010", "b1@1020", "b2@1020"]);
  assert.equal(clock.now(), 1_025);
  assert.equal(clock.monotonicMs(), 25);
  assert.equal(clock.pending, 1);
});

test("what a timer starts ends before the next one runs, and timers it sets are met on the way", async () => {
  const clock = virtualClock();
  const seen: number[] = [];
  const series = every(
    clock,
    100,
    async () => {
      await delay(clock, 50);
      seen.push(clock.monotonicMs());
    },
    (error) => assert.fail(String(error)),
  );
  await clock.advance(500);
  assert.deepEqual(seen, [150, 300, 450]);
  await series.stop();
  assert.equal(clock.pending, 0);
});

test("advanceUntil stops at the condition, or says that it never held", async () => {
  const clock = virtualClock();
  let ripe = false;
  clock.after(40, () => (ripe = true));
  await clock.advanceUntil(() => ripe, 1_000);
  assert.equal(clock.monotonicMs(), 40);
  await assert.rejects(
    clock.advanceUntil(() => false, 10),
    /within 10 virtual ms/,
  );
});

test("ten thousand timers run in order", async () => {
  const clock = virtualClock();
  const random = seededRandom(7);
  const seen: number[] = [];
  for (let n = 0; n < 10_000; n += 1)
    clock.after(Math.floor(random.fraction() * 1_000), () => seen.push(clock.monotonicMs()));
  await clock.advance(1_000);
  assert.equal(seen.length, 10_000);
  assert.ok(seen.every((at, n) => n === 0 || at >= seen[n - 1]!));
});

test("a seed repeats its sequence, another one does not", () => {
  const draw = (seed: number) => [seededRandom(seed).bytes(8).toString("hex"), seededRandom(seed).fraction()];
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(2));
});
