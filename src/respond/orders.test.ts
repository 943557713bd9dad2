import assert from "node:assert/strict";
import { test } from "node:test";
import { type Order, type OrderKind, inputsOf } from "./orders.ts";

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 2, 1);
let id = 0;
const order = (kind: OrderKind, operator: string, change: Partial<Order> = {}): Order => ({
  orderId: (id += 1),
  provider: "harbour",
  kind,
  operator,
  why: "because",
  keysRotatedAt: kind === "release-quarantine" ? NOW - HOUR : null,
  orderedAt: NOW - 1_000,
  ...change,
});

test("a pin and its end are one person's to order", () => {
  const given = inputsOf([order("pin-off", "ada"), order("unpin", "ada")], NOW);
  assert.deepEqual(
    given.map(({ input }) => input?.kind),
    ["pin-off", "unpin"],
  );
});

test("a release waits for a second person, and one name twice is one person", () => {
  assert.deepEqual(inputsOf([order("release-quarantine", "ada")], NOW), []);
  assert.deepEqual(inputsOf([order("release-quarantine", "ada"), order("release-quarantine", " Ada ")], NOW), []);
});

test("two people's releases are one input, with the earlier change of keys", () => {
  const both = [
    order("release-quarantine", "ada"),
    order("release-quarantine", "ada"),
    order("release-quarantine", "bob", { keysRotatedAt: NOW - 5 * HOUR }),
  ];
  const [given, ...rest] = inputsOf(both, NOW);
  assert.equal(rest.length, 0);
  assert.ok(given?.input?.kind === "release-quarantine");
  assert.deepEqual(given.input.operators, ["ada", "bob"]);
  assert.equal(given.input.keysRotatedAt, NOW - 5 * HOUR);
  assert.equal(given.orders.length, 3);
});

test("a release of yesterday is over, and is no half of one of today", () => {
  const late = order("release-quarantine", "ada", { orderedAt: NOW - 25 * HOUR });
  const given = inputsOf([late, order("release-quarantine", "bob")], NOW);
  assert.deepEqual(given, [{ orders: [late], input: null, answer: "expired" }]);
});

test("two people about two providers are one person each", () => {
  const both = [order("release-quarantine", "ada"), order("release-quarantine", "bob", { provider: "lantern" })];
  assert.deepEqual(inputsOf(both, NOW), []);
});
