import assert from "node:assert/strict";
import { test } from "node:test";
import { type Standing, type State, healthy } from "../judge/index.ts";
import { LossTurns } from "./loss-turns.ts";

const MINUTE = 60_000;
const FOUND_AT = 100 * MINUTE;
const standing = (state: State, kind: Standing["because"]["kind"], since = FOUND_AT): Standing => ({
  ...healthy(since, MINUTE),
  state,
  because: { kind, numbers: {}, sentence: "" },
});
const LOSING = standing("SUSPECT", "partial-loss");

/** Looks each second, as the leader does. */
function turns(of: LossTurns, from: number, to: number, one: Standing): { from: number; to: number }[] {
  const told = [];
  for (let now = from; now <= to; now += 1_000)
    for (const { sinceAt, verdictAt } of of.due(now, [["p", one]]))
      told.push({ from: sinceAt / MINUTE, to: verdictAt / MINUTE });
  return told;
}

test("what a provider that loses a part was given goes another way a minute at a time, once nothing was heard of it for one", () => {
  const found = turns(new LossTurns(), FOUND_AT, FOUND_AT + 2 * MINUTE, LOSING);
  assert.deepEqual(found, [
    { from: 75, to: 99 },
    { from: 99, to: 100 },
    { from: 100, to: 101 },
  ]);
});

test("the end of the loss is the end of the last turn", () => {
  const one = new LossTurns();
  turns(one, FOUND_AT, FOUND_AT + MINUTE, LOSING);
  const over = standing("HEALTHY", "loss-ended", FOUND_AT + 90_000);
  assert.deepEqual(turns(one, FOUND_AT + 90_000, FOUND_AT + 10 * MINUTE, over), [
    { from: 100, to: 101 },
    { from: 101, to: 101.5 },
  ]);
});

test("a verdict that withdraws it orders all of its mail: no more turns", () => {
  const one = new LossTurns();
  turns(one, FOUND_AT, FOUND_AT, LOSING);
  assert.deepEqual(turns(one, FOUND_AT + MINUTE, FOUND_AT + 10 * MINUTE, standing("DOWN", "burst-missed")), []);
});

test("a doubt of another kind, and health, order nothing", () => {
  assert.deepEqual(turns(new LossTurns(), FOUND_AT, FOUND_AT + 5 * MINUTE, standing("SUSPECT", "silence")), []);
  assert.deepEqual(turns(new LossTurns(), FOUND_AT, FOUND_AT + 5 * MINUTE, healthy(FOUND_AT, MINUTE)), []);
});
