import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HOUR_MS, MINUTE_MS } from "../../kernel/index.ts";
import { PACE_BOUNDS, type PaceFacts, firstPace, nextPace } from "./pace.ts";

const AT = Date.UTC(2026, 2, 1);
const facts = (change: Partial<PaceFacts> = {}): PaceFacts => ({
  tries: 1_000,
  deferred: 0,
  critical: 0,
  criticalWaiting: 0,
  lastHour: 1_000_000,
  ...change,
});
const pace = (peak = 42) => firstPace("lantern", ["harbour"], peak, AT);

describe("how much a stand-in is given", () => {
  test("begins with somewhat less than twice its best hour, and with what nobody is surprised by where it has none", () => {
    assert.equal(pace(400).allowancePerHour, 640);
    assert.equal(pace(0).allowancePerHour, PACE_BOUNDS.floorPerHour);
  });

  test("grows each hour while little is put off, and not before", () => {
    let now = pace(400);
    now = nextPace(now, facts(), AT + HOUR_MS - 1);
    assert.equal(now.allowancePerHour, 640);
    now = nextPace(now, facts({ deferred: 49 }), AT + HOUR_MS);
    assert.equal(now.allowancePerHour, 1_024);
    assert.equal(nextPace(now, facts({ deferred: 50 }), AT + 2 * HOUR_MS).allowancePerHour, 1_024);
    assert.equal(nextPace(now, facts(), AT + 2 * HOUR_MS).allowancePerHour, 1_638);
  });

  test("grows upon what was sent, not upon what would have been allowed: receivers know nothing else", () => {
    const idle = nextPace(pace(400), facts({ lastHour: 30 }), AT + HOUR_MS);
    assert.deepEqual([idle.allowancePerHour, idle.peakPerHour], [640, 400]);
    const some = nextPace(idle, facts({ lastHour: 500, deferred: 40 }), AT + 2 * HOUR_MS);
    assert.deepEqual([some.allowancePerHour, some.peakPerHour], [768, 480]);
  });

  test("stops and shrinks when receivers put off more than a tenth, and waits an hour before it grows again", () => {
    const stopped = nextPace(pace(400), facts({ deferred: 101 }), AT + MINUTE_MS);
    assert.deepEqual([stopped.state, stopped.allowancePerHour], ["stopped", 320]);
    const still = nextPace(stopped, facts({ deferred: 101 }), AT + 2 * MINUTE_MS);
    assert.equal(still.allowancePerHour, 320);
    assert.equal(nextPace(still, facts({ deferred: 101 }), AT + 16 * MINUTE_MS).allowancePerHour, 160);
    const calm = nextPace(stopped, facts(), AT + MINUTE_MS + HOUR_MS);
    assert.deepEqual([calm.state, calm.allowancePerHour], ["ramping", 320]);
    assert.equal(nextPace(calm, facts(), AT + MINUTE_MS + 2 * HOUR_MS).allowancePerHour, 512);
  });

  test("a handful of tries says nothing", () => {
    assert.equal(nextPace(pace(), facts({ tries: 10, deferred: 9 }), AT + MINUTE_MS).state, "ramping");
  });

  test("routine mail has what critical mail leaves, and never nothing; critical mail is done within ten minutes", () => {
    const next = nextPace(pace(400), facts({ critical: 100, criticalWaiting: 60_000 }), AT + MINUTE_MS);
    assert.equal(next.routinePerHour, 240);
    assert.equal(next.criticalPerHour, 360_000);
    assert.equal(nextPace(pace(), facts({ critical: 10_000 }), AT + 1).routinePerHour, PACE_BOUNDS.floorPerHour / 2);
  });
});
