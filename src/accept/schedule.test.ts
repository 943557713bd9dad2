import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_LIMITS } from "../config/index.ts";
import type { MessageClass } from "../mail/index.ts";
import { sendTimeOf } from "./schedule.ts";

const NOW = Date.UTC(2026, 2, 1);
const MINUTE = 60_000;
const DAY = 86_400_000;
const timeOf = (sendAt: number | undefined, messageClass: MessageClass = "C2", ttlMs: number | null = null) => {
  const time = sendTimeOf(sendAt, { name: "s", class: messageClass, ttlMs }, DEFAULT_LIMITS, NOW);
  return "code" in time ? time.code : time.at;
};

test("what is for now, or was for earlier, waits for nothing", () => {
  for (const sendAt of [undefined, NOW, NOW - 1, 0, -1, Number.NEGATIVE_INFINITY]) assert.equal(timeOf(sendAt), null);
});

test("a message may wait for as long as limits.scheduleAhead, and not a millisecond longer", () => {
  assert.equal(timeOf(NOW + 30 * DAY), NOW + 30 * DAY);
  for (const sendAt of [NOW + 30 * DAY + 1, Number.POSITIVE_INFINITY, Number.NaN])
    assert.equal(timeOf(sendAt), "send-at-too-far");
});

test("a secret waits no longer than it lives, by its class or by its stream; others may wait for longer than they live", () => {
  assert.equal(timeOf(NOW + 15 * MINUTE, "C0"), NOW + 15 * MINUTE);
  assert.equal(timeOf(NOW + 15 * MINUTE + 1, "C0"), "send-at-beyond-secret");
  assert.equal(timeOf(NOW + 2 * MINUTE, "C0", MINUTE), "send-at-beyond-secret");
  assert.equal(timeOf(NOW + 10 * DAY, "C1"), NOW + 10 * DAY);
  assert.equal(timeOf(NOW + 10 * DAY, "C4"), NOW + 10 * DAY);
});
