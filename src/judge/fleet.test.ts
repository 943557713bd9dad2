import assert from "node:assert/strict";
import { test } from "node:test";
import { Fleet } from "./fleet.ts";

const SECOND = 1_000;

test("changes are told once, and what was found before a restart stands", () => {
  const fleet = new Fleet({
    providers: [
      { name: "a", hasReceivers: true },
      { name: "b", hasReceivers: true },
    ],
    at: 0,
  });
  fleet.see("a", { kind: "status-poll", at: SECOND, answer: "suspended" });
  const { changes } = fleet.tick(SECOND);
  assert.deepEqual(
    changes.map(({ provider, scope, from, standing }) => [provider, scope, from, standing.state]),
    [["a", "", "HEALTHY", "DOWN"]],
  );
  assert.deepEqual(fleet.tick(2 * SECOND).changes, []);
  const standings = [{ provider: "a", scope: "", standing: fleet.standing("a") }];
  const again = new Fleet({ providers: [{ name: "a", hasReceivers: true }], at: 3 * SECOND, restore: { standings } });
  assert.equal(again.standing("a").state, "DOWN");
  assert.deepEqual(again.tick(4 * SECOND).changes, []);
});

test("a provider that nobody configured is healthy and hears nothing", () => {
  const fleet = new Fleet({ providers: [], at: 0 });
  fleet.see("gone", { kind: "status-poll", at: 0, answer: "suspended" });
  assert.equal(fleet.standing("gone").state, "HEALTHY");
  assert.deepEqual(fleet.tick(SECOND), { asks: [], changes: [] });
});
