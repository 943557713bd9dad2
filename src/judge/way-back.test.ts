import assert from "node:assert/strict";
import { test } from "node:test";
import { ASSUMED } from "./parameters.ts";
import { type Standing, healthy } from "./standing/index.ts";
import { WayBack } from "./way-back.ts";

const DOWN_AT = 1_000_000;
const DWELLED = DOWN_AT + ASSUMED.dwell.firstMs;
const down: Standing = { ...healthy(DOWN_AT, ASSUMED.dwell.firstMs), state: "DOWN" };
const ENOUGH = ASSUMED.probing.canariesInARow;
const kindOf = (next: ReturnType<WayBack["next"]>) => (next === null || next === "ask-status" ? next : next.kind);

test("who is still suspended by its own page is not tried again, however many canaries arrive", () => {
  const way = new WayBack(ASSUMED);
  way.polled(DWELLED - 1, "suspended");
  assert.equal(way.next(DWELLED, down, ENOUGH), null);
  assert.equal(way.next(DWELLED + 10 * ASSUMED.statusPatienceMs, down, ENOUGH), null);
  way.polled(DWELLED, "clean");
  assert.equal(kindOf(way.next(DWELLED, down, ENOUGH)), "canaries-in-a-row");
  assert.equal(way.next(DWELLED, down, ENOUGH - 1), null);
});

test("a clean page of before the fall is asked once more, each minute, and waited for in bounds", () => {
  const way = new WayBack(ASSUMED);
  way.polled(DOWN_AT - 1, "clean");
  assert.equal(way.next(DWELLED, down, ENOUGH), "ask-status");
  assert.equal(way.next(DWELLED + 1_000, down, ENOUGH), null);
  assert.equal(way.next(DWELLED + 60_000, down, ENOUGH), "ask-status");
  way.polled(DWELLED + 61_000, "unreachable");
  assert.equal(kindOf(way.next(DOWN_AT + ASSUMED.statusPatienceMs, down, ENOUGH)), "canaries-in-a-row");
});

test("an account that is not set up as was signed is not tried until it is", () => {
  const way = new WayBack(ASSUMED);
  way.postured("drifted");
  assert.equal(way.next(DWELLED, down, ENOUGH), null);
  way.postured("clean");
  assert.equal(kindOf(way.next(DWELLED, down, ENOUGH)), "canaries-in-a-row");
});
