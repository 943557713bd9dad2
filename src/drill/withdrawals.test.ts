import assert from "node:assert/strict";
import { test } from "node:test";
import { drillOf } from "./drill-for-tests.ts";
import { type Advice, adviceOf, withDrills } from "./withdrawals.ts";

const RESET = { class: "C0" as const, tenant: "acme", stream: "resets" };
const WITHDRAWN = { use: "avoid", why: "drill 3" };
const YES = { use: "yes" };

test("a drill advises against its provider, against no other, and never forbids it", () => {
  assert.deepEqual(adviceOf(drillOf(), "harbour", RESET, 1_000), WITHDRAWN);
  assert.deepEqual(adviceOf(drillOf(), "lantern", RESET, 1_000), YES);
  assert.deepEqual(adviceOf(null, "harbour", RESET, 1_000), YES);
});

test("at its time it is over on every node, whoever leads; also once somebody asked for its end", () => {
  assert.deepEqual(adviceOf(drillOf(), "harbour", RESET, 599_999), WITHDRAWN);
  assert.deepEqual(adviceOf(drillOf(), "harbour", RESET, 600_000), YES);
  assert.deepEqual(adviceOf(drillOf({ stopAskedBy: "ada" }), "harbour", RESET, 1_000), YES);
});

test("other streams than those it is for, and canaries, go as ever", () => {
  const drill = drillOf({ streams: ["acme/receipts"] });
  assert.deepEqual(adviceOf(drill, "harbour", RESET, 1_000), YES);
  assert.deepEqual(adviceOf(drill, "harbour", { ...RESET, stream: "receipts" }, 1_000), WITHDRAWN);
  assert.deepEqual(adviceOf(drillOf(), "harbour", { ...RESET, tenant: "~canary" }, 1_000), YES);
});

test("of a share the rest is left to it", () => {
  assert.deepEqual(adviceOf(drillOf({ share: 0.25 }), "harbour", RESET, 1), {
    use: "share",
    share: 0.75,
    why: "drill 3",
  });
});

test("of a verdict and a drill the stricter one counts", () => {
  const saying = (advice: Advice) => ({ useOf: () => advice });
  const both = (verdict: Advice, drill: Advice) => withDrills(saying(verdict), saying(drill)).useOf("harbour", RESET);
  const down: Advice = { use: "no", why: "DOWN" };
  const drill: Advice = { use: "avoid", why: "drill 3" };
  assert.equal(both(down, drill), down);
  assert.equal(both({ use: "yes" }, drill), drill);
  assert.equal(both({ use: "share", share: 0.1, why: "PROBING" }, drill), drill);
  assert.deepEqual(
    both({ use: "share", share: 0.1, why: "PROBING" }, { use: "share", share: 0.5, why: "drill 3" }).why,
    "PROBING",
  );
});
