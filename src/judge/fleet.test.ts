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

test("after an outage of our own nobody is down for what could not be reached during it, and later failures count anew", () => {
  const fleet = new Fleet({
    providers: [
      { name: "a", hasReceivers: true },
      { name: "b", hasReceivers: true },
    ],
    at: 0,
  });
  const down: string[] = [];
  let now = 0;
  const pass = (seconds: number, unreachable: readonly string[]): void => {
    for (let s = 0; s < seconds; s += 1) {
      now += SECOND;
      if (s % 10 === 0) for (const name of unreachable) fleet.see(name, { kind: "unreachable", at: now });
      for (const { provider, standing } of fleet.tick(now).changes) down.push(`${provider} ${standing.state}`);
    }
  };
  pass(600, ["a", "b"]);
  assert.ok(fleet.localOutage);
  fleet.see("a", { kind: "handed-off", at: now, group: "gmail", stream: "acme/resets" });
  pass(60, []);
  assert.equal(fleet.localOutage, null);
  assert.deepEqual(down, [], "b was not tried since");
  fleet.see("a", { kind: "handed-off", at: now + 30 * SECOND, group: "gmail", stream: "acme/resets" });
  pass(120, ["b"]);
  assert.deepEqual(down, ["b DOWN"]);
});
