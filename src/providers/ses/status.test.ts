import assert from "node:assert/strict";
import { test } from "node:test";
import { statusOf } from "./status.ts";

const HEALTHY = {
  EnforcementStatus: "HEALTHY",
  SendingEnabled: true,
  ProductionAccessEnabled: true,
  SendQuota: { Max24HourSend: 200, SentLast24Hours: 3 },
};
const state = (change: Record<string, unknown>) => statusOf({ ...HEALTHY, ...change }).state;

test("what an account says of itself, the worst first", () => {
  assert.equal(state({}), "active");
  assert.equal(state({ EnforcementStatus: "PROBATION" }), "limited");
  assert.equal(state({ EnforcementStatus: "SHUTDOWN" }), "suspended");
  assert.equal(state({ EnforcementStatus: "PROBATION", SendingEnabled: false }), "suspended");
  assert.equal(state({ ProductionAccessEnabled: false }), "limited");
  assert.equal(state({ SendQuota: { Max24HourSend: 200, SentLast24Hours: 200 } }), "limited");
  assert.equal(state({ SendQuota: { Max24HourSend: -1, SentLast24Hours: 9_000 } }), "active");
});

test("what nobody knows is not taken for health", () => {
  assert.equal(state({ EnforcementStatus: "OBSERVED" }), "unknown");
  assert.equal(state({ SendingEnabled: undefined }), "unknown");
  assert.equal(statusOf({}).state, "unknown");
});
