import assert from "node:assert/strict";
import { test } from "node:test";
import { outcomeOfClaim, providerMessageIdOf } from "./claims.ts";

const claim = (text: string, code = 250) => outcomeOfClaim({ code, text });

test("what servers say when they take a message is accepted", () => {
  for (const text of [
    "",
    "Ok",
    "Ok: queued as 4XkqYz1234",
    "2.0.0 Ok: queued as DISABLED",
    "2.0.0 OK  1700000000 abc123-account4.5 - gsmtp",
    "OK id=1rA2b3-000abc-4C",
    "Great success",
    "2.6.0 <account-suspended-1@acme.example> [InternalId=123] Queued mail for delivery",
    "2.6.0 account.suspended@acme.example Queued mail for delivery",
    "Requested mail action okay, completed",
    "2.0.0 Message accepted for delivery",
  ]) {
    assert.equal(claim(text).kind, "accepted", text);
  }
  assert.equal(claim("User not local; will forward", 251).kind, "accepted");
  assert.equal(claim("2.5.0 Cannot verify, but will try", 252).kind, "accepted");
});

test("a success that says otherwise is held, with the cause it names", () => {
  for (const [text, cause] of [
    ["queued but account suspended", "account-suspended"],
    ["2.0.0 Ok: queued as Q17; account suspended", "account-suspended"],
    ["queued (reason: account-suspended)", "account-suspended"],
    ["queued, sending-suspended", "account-suspended"],
    ["Ok, but this sender has been blocked", "account-suspended"],
    ["Accepted by a suspended account", "account-suspended"],
    ["queued: sending-paused", "sending-paused"],
    ["Queued; delivery is on hold", "sending-paused"],
    ["queued: monthly-limit-reached", "quota-exhausted"],
    ["queued: hourly-quota-exhausted", "quota-exhausted"],
    ["Taken, you are over your quota", "quota-exhausted"],
    ["Message is pending review", "held-for-review"],
    ["2.7.1 Ok, message quarantined", "held-for-review"],
    ["Ok, but it will not be delivered", "not-sent"],
    ["Message discarded", "not-sent"],
  ] as const) {
    const outcome = claim(text);
    assert.deepEqual([outcome.kind, outcome.cause], ["held", cause], text);
  }
});

test("a success nobody knows is held", () => {
  for (const code of [200, 211, 220, 221, 235, 240, 253, 299]) {
    assert.deepEqual([claim("Ok", code).kind, claim("Ok", code).cause], ["held", "unknown-answer"], String(code));
  }
  assert.equal(claim("5.7.1 Ok").kind, "held", "the two codes contradict each other");
  assert.equal(claim("4.2.0 Ok").kind, "held");
});

test("the provider's own id of the message is found in the forms servers use", () => {
  for (const [text, id] of [
    ["2.0.0 Ok: queued as 4XkqYz1234", "4XkqYz1234"],
    ["OK id=1rA2b3-000abc-4C", "1rA2b3-000abc-4C"],
    ["Queued. id: <20261124.abc@mail.example>", "20261124.abc@mail.example"],
    ["Ok 0100018bd1-2f3e-4a5b-000000", "0100018bd1-2f3e-4a5b-000000"],
    ["2.0.0 OK  1700000000 d2e1a72fcca58-6c3b.42 - gsmtp", "1700000000 d2e1a72fcca58-6c3b.42"],
    ["2.6.0 <x@y.example> [InternalId=42, Hostname=z] Queued mail for delivery", "42"],
    ["Ok", undefined],
    ["Great success", undefined],
    ["Ok: queued as a\u0000b", undefined],
    ["Ok: queued as \u001b[31m", undefined],
  ] as const) {
    assert.equal(providerMessageIdOf(text), id, text);
  }
  assert.equal(providerMessageIdOf(`queued as ${"x".repeat(900)}`)?.length, 200);
});

test("an answer made to be slow to read is read at once", () => {
  const startedAt = performance.now();
  for (const text of [
    "not ".repeat(4_000),
    `over${"x".repeat(16_000)}`,
    `hold ${"<".repeat(16_000)}`,
    "a@".repeat(8_000),
  ]) {
    claim(text);
  }
  assert.ok(performance.now() - startedAt < 1_000);
});
