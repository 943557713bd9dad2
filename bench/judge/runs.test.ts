import assert from "node:assert/strict";
import { test } from "node:test";
import { Agenda } from "./agenda.ts";
import { calm, faults } from "./runs.ts";

const PLAN = { perMinute: 10, canaries: true, correlation: 0.05, stallsPerDay: 0 };

test("the same seed gives the same figures, another one others", () => {
  const told = faults(PLAN, 1, 5, 300, 1);
  assert.deepEqual(faults(PLAN, 1, 5, 300, 1), told);
  assert.notDeepEqual(faults(PLAN, 1, 5, 300, 2), told);
  assert.equal(told.down.found, 5);
});

test("where nothing is lost no fault is found, and a failover that is false is counted", () => {
  assert.equal(faults(PLAN, 0, 5, 60, 1).down.found, 0);
  const blind = calm({ ...PLAN, canaries: false, stallsPerDay: 20 }, 2, 1);
  assert.ok(blind.failovers > 5, "webhooks that stall look like an outage to who has nothing else");
  assert.equal(blind.failoversPerYear, (blind.failovers * 365) / 2);
});

test("what is due comes in the order of time", () => {
  const agenda = new Agenda<number>();
  for (let n = 0; n < 500; n += 1) agenda.add((n * 7_919) % 1_009, n);
  const came: number[] = [];
  for (let due = agenda.next(1_000); due; due = agenda.next(1_000)) came.push(due.at);
  assert.deepEqual(
    came,
    came.toSorted((a, b) => a - b),
  );
  assert.ok(came.length > 400 && came.every((at) => at < 1_000));
});
