import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fuzzRuns } from "../../test/support/fuzz-runs.ts";
import { type Breaker, type Signal, afterSignal, atTime, closedBreaker, mayUse } from "./breaker.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const GOOD: Signal = { kind: "good" };
const BAD: Signal = { kind: "bad", cause: "connection-refused" };
const FATAL: Signal = { kind: "fatal", cause: "account-suspended" };

/** A breaker that lives through time as hand-offs would drive it. */
class Life {
  breaker: Breaker = closedBreaker();
  now = 1_000_000;
  signal(signal: Signal, times = 1): this {
    for (let n = 0; n < times; n += 1) this.breaker = afterSignal(atTime(this.breaker, this.now), signal, this.now);
    return this;
  }
  pass(ms: number): this {
    this.now += ms;
    this.breaker = atTime(this.breaker, this.now);
    return this;
  }
  get state() {
    return this.breaker.state;
  }
  get waitMs() {
    return this.breaker.untilMs - this.now;
  }
}

test("five failures in a row open it, four and a good one do not", () => {
  assert.equal(new Life().signal(BAD, 4).state, "closed");
  assert.equal(new Life().signal(BAD, 4).signal(GOOD).signal(BAD, 4).state, "closed");
  const life = new Life().signal(BAD, 5);
  assert.equal(life.state, "open");
  assert.equal(life.breaker.reason, "5 failures in a row, the last: connection-refused");
  assert.equal(mayUse(life.breaker), false);
});

test("one refusal of the account itself opens it at once", () => {
  const life = new Life().signal(GOOD, 50).signal(FATAL);
  assert.equal(life.state, "open");
  assert.match(life.breaker.reason, /the account was refused \(account-suspended\)/);
});

test("more than half of at least twenty recent hand-offs failing opens it", () => {
  const pattern = (life: Life, rounds: number) => {
    for (let n = 0; n < rounds; n += 1) life.signal(BAD, 2).signal(GOOD);
    return life;
  };
  assert.equal(pattern(new Life(), 6).state, "closed", "18 results are too few");
  assert.match(pattern(new Life(), 8).breaker.reason, /of the last 20 failed/);
});

test("failures of more than half a minute ago count no longer", () => {
  const life = new Life();
  for (let n = 0; n < 9; n += 1)
    life
      .signal(BAD, 2)
      .signal(GOOD)
      .pass(5 * SECOND);
  assert.equal(life.state, "closed");
});

test("after a wait one message tries; it closes the breaker or prolongs the wait", () => {
  const life = new Life().signal(BAD, 5).pass(5 * SECOND - 1);
  assert.equal(life.state, "open");
  life.pass(1);
  assert.equal(life.state, "half-open");
  assert.equal(mayUse(life.breaker), true);
  assert.equal(mayUse({ ...life.breaker, trialOnTheWay: true }), false);
  assert.equal(life.signal(GOOD).state, "closed");
  assert.equal(life.breaker.reason, "");

  const again = new Life()
    .signal(BAD, 5)
    .pass(5 * SECOND)
    .signal(BAD);
  assert.equal(again.state, "open");
  assert.equal(again.waitMs, 10 * SECOND);
});

test("answers that come in while it is open, of messages that left before, move nothing", () => {
  const life = new Life().signal(BAD, 5);
  const until = life.breaker.untilMs;
  life.pass(SECOND).signal(GOOD).signal(BAD).signal(FATAL);
  assert.equal(life.state, "open");
  assert.equal(life.breaker.untilMs, until);
});

test("what left since it opened, and was taken, lets the next message try before its time; the trial decides", () => {
  const life = new Life().signal(BAD, 5);
  life.pass(SECOND);
  const { now } = life;
  const taken = afterSignal(life.breaker, GOOD, now, now - SECOND / 2);
  assert.equal(taken.state, "half-open");
  assert.equal(afterSignal(taken, GOOD, now).state, "closed");
  const failed = afterSignal(taken, BAD, now);
  assert.equal(failed.state, "open");
  assert.ok(failed.untilMs >= taken.untilMs, "what did not hold makes nothing shorter");
  assert.equal(afterSignal(failed, GOOD, now, now - SECOND / 2).state, "open", "that one left before this failure");
});

test("within one outage the waits never shrink and never pass five minutes, even over hours", () => {
  const life = new Life().signal(BAD, 5);
  let last = life.waitMs;
  for (let trials = 0; trials < 60; trials += 1) {
    life.pass(life.waitMs).signal(BAD);
    assert.equal(life.state, "open");
    assert.ok(life.waitMs >= last && life.waitMs <= 5 * MINUTE, `trial ${trials}: ${life.waitMs} after ${last}`);
    last = life.waitMs;
  }
  assert.equal(last, 5 * MINUTE);
});

test("the third opening within an hour pins it for an hour; then it starts afresh", () => {
  const life = new Life();
  for (let n = 0; n < 2; n += 1)
    life
      .signal(BAD, 5)
      .pass(5 * SECOND)
      .signal(GOOD)
      .pass(MINUTE);
  assert.equal(life.state, "closed");
  life.signal(BAD, 5);
  assert.equal(life.state, "pinned");
  assert.match(life.breaker.reason, /opened 3 times within an hour, the last time: 5 failures in a row/);
  life.signal(GOOD).signal(BAD, 9).signal(FATAL);
  assert.equal(life.state, "pinned");
  assert.equal(life.pass(HOUR - 1).state, "pinned");
  assert.deepEqual(life.pass(1).breaker, closedBreaker());
});

test("openings more than an hour apart do not pin", () => {
  const life = new Life();
  for (let n = 0; n < 5; n += 1) {
    life.signal(BAD, 5);
    assert.equal(life.state, "open");
    life
      .pass(5 * SECOND)
      .signal(GOOD)
      .pass(31 * MINUTE);
  }
});

test("a step changes no breaker but makes a new one", () => {
  const before = closedBreaker();
  const copy = structuredClone(before);
  afterSignal(before, BAD, 1);
  atTime(before, 1);
  assert.deepEqual(before, copy);
});

test("whatever happens in whatever order, its rules hold", () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constant(BAD) },
    { weight: 3, arbitrary: fc.constant(GOOD) },
    { weight: 1, arbitrary: fc.constant(FATAL) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 20 * MINUTE }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const life = new Life();
      const openedAt: number[] = [];
      for (const one of steps) {
        const before = life.state;
        if (typeof one === "number") life.pass(one);
        else life.signal(one);
        const { breaker, state, now } = life;
        if (before === "closed" && state === "open") openedAt.push(now);
        assert.equal(state === "closed", breaker.reason === "", "a reason exactly while it is not closed");
        assert.equal(mayUse(breaker), state === "closed" || state === "half-open");
        assert.ok(breaker.recent.length <= 200);
        if (state === "open") assert.ok(life.waitMs > 0 && life.waitMs <= 5 * MINUTE);
        if (state === "pinned") assert.ok(life.waitMs > 0 && life.waitMs <= HOUR);
        assert.ok(openedAt.filter((at) => at > now - HOUR).length <= 2, "at most two switches an hour");
        if (before === "open" && state === "closed") assert.fail("it closed without a trial");
      }
    }),
    { numRuns: fuzzRuns(2) },
  );
});
