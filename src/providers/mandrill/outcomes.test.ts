import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outcome } from "../../mail/index.ts";
import type { HttpAnswer } from "../http.ts";
import { outcomesOf } from "./outcomes.ts";

const answered = (status: number, json: unknown): HttpAnswer => ({
  kind: "answer",
  status,
  headers: {},
  body: Buffer.alloc(0),
  json,
});
const claim = (told: Record<string, unknown>, status = 200): Outcome =>
  outcomesOf(answered(status, [{ email: "a@example.net", _id: "m1", ...told }]), ["a@example.net"])[0]!;
const error = (status: number, name: string, message = "…"): Outcome =>
  outcomesOf(answered(status, { status: "error", code: -1, name, message }), ["a@example.net"])[0]!;
const brief = ({ kind, scope, cause }: Outcome): string => `${kind} ${scope} ${cause}`;

test("sent is accepted, under the id that Mandrill gives", () => {
  const outcome = claim({ status: "sent", reject_reason: null, queued_reason: null });
  assert.equal(brief(outcome), "accepted message accepted");
  assert.equal(outcome.providerMessageId, "m1");
});

test("a 200 that queues because of the account is held, each reason under its cause", () => {
  const causes = {
    "account-suspended": "account-suspended",
    "sending-suspended": "account-suspended",
    "sending-paused": "sending-paused",
    "monthly-limit-reached": "quota-exhausted",
    "free-trial-sends-exhausted": "quota-exhausted",
    "hourly-quota-exhausted": "quota-exhausted",
    "sending-backlogged": "sending-backlogged",
  };
  for (const [reason, cause] of Object.entries(causes)) {
    assert.equal(brief(claim({ status: "queued", queued_reason: reason })), `held account ${cause}`);
  }
});

test("a 200 that queues for its own way of working is accepted; without a reason it is held", () => {
  for (const reason of ["attachments", "multiple-recipients"]) {
    assert.equal(claim({ status: "queued", queued_reason: reason }).kind, "accepted");
  }
  assert.equal(brief(claim({ status: "queued", queued_reason: null })), "held message queued-without-reason");
  assert.equal(brief(claim({ status: "queued" })), "held message queued-without-reason");
});

test("a reason of the other status is not read", () => {
  assert.equal(claim({ status: "sent", reject_reason: "hard-bounce", queued_reason: "attachments" }).kind, "accepted");
  assert.equal(claim({ status: "queued", reject_reason: "rule", queued_reason: "account-suspended" }).kind, "held");
});

test("a refusal speaks of the recipient only where it is the recipient's doing", () => {
  const meanings = {
    "hard-bounce": "rejected recipient mailbox-unavailable",
    invalid: "rejected recipient mailbox-unavailable",
    spam: "rejected recipient suppressed-by-provider",
    unsub: "rejected recipient suppressed-by-provider",
    custom: "rejected account not-permitted",
    "soft-bounce": "rejected account not-permitted",
    rule: "rejected account not-permitted",
    unsigned: "rejected account sender-refused",
    "invalid-sender": "rejected account sender-refused",
    "test-mode-limit": "rejected account quota-exhausted",
  };
  for (const [reason, meaning] of Object.entries(meanings)) {
    assert.equal(brief(claim({ status: "rejected", reject_reason: reason })), meaning);
  }
  assert.equal(brief(claim({ status: "invalid" })), "rejected recipient mailbox-unavailable");
});

test("a word that no table knows is held, whatever else stands beside it", () => {
  const words = [
    { status: "delivered" },
    { status: "sent/" },
    { status: "queued", queued_reason: "moon-phase" },
    { status: "rejected", reject_reason: "moon-phase" },
    { status: "rejected", reject_reason: null },
    { status: "constructor" },
    { status: 7 },
    { status: null },
    {},
  ];
  for (const told of words) assert.equal(brief(claim(told)), "held message unknown-answer", JSON.stringify(told));
  assert.equal(brief(claim({ status: "sent" }, 202)), "held message unknown-answer");
});

test("a recipient of whom the answer says nothing is held, and the others keep theirs", () => {
  const answer = answered(200, [{ email: "B@EXAMPLE.net", status: "sent", _id: "m2" }]);
  assert.deepEqual(outcomesOf(answer, ["a@example.net", "b@example.net"]).map(brief), [
    "held message unknown-answer",
    "accepted message accepted",
  ]);
  for (const json of [null, [], {}, "sent", [[]], [null]]) {
    assert.equal(outcomesOf(answered(200, json), ["a@example.net"])[0]!.kind, "held", JSON.stringify(json));
  }
});

test("named errors mean the same under every status they come with", () => {
  const meanings = {
    Invalid_Key: "rejected account auth-refused",
    PaymentRequired: "rejected account payment-required",
    MC_Exception_PaymentRequired: "rejected account payment-required",
    PoorReputation: "rejected account account-suspended",
    Unknown_Subaccount: "rejected account channel-unknown",
    ValidationError: "rejected account command-refused",
    ServiceUnavailable: "deferred account service-unavailable",
    GeneralError: "indeterminate message server-error",
  };
  for (const [name, meaning] of Object.entries(meanings)) {
    for (const status of [500, 400, 401, 402, 404, 422]) assert.equal(brief(error(status, name)), meaning, name);
  }
});

test("an error that nobody knows: by its status, and held where that says nothing either", () => {
  assert.equal(brief(error(400, "Moon_Phase")), "held message unknown-answer");
  assert.equal(brief(error(500, "Moon_Phase")), "indeterminate message server-error");
  assert.equal(brief(error(429, "Moon_Phase")), "deferred account rate-limited");
  assert.equal(
    brief(outcomesOf(answered(502, undefined), ["a@example.net"])[0]!),
    "indeterminate message server-error",
  );
  assert.equal(
    brief(outcomesOf(answered(503, undefined), ["a@example.net"])[0]!),
    "deferred account service-unavailable",
  );
  assert.equal(brief(outcomesOf(answered(302, undefined), ["a@example.net"])[0]!), "deferred account protocol-error");
  assert.equal(
    brief(outcomesOf(answered(200, undefined), ["a@example.net"])[0]!),
    "indeterminate message protocol-error",
  );
});

test("what it says is kept as one line without addresses, and an id that is none is not", () => {
  const { diagnostic = "" } = error(
    500,
    "ValidationError",
    `bad\r\nvalue for rcpt0@example.net\u001b[31m ${"é".repeat(900)}`,
  );
  assert.match(diagnostic, /^ValidationError: bad value for \[address\]/);
  assert.ok(diagnostic.length <= 300);
  for (const id of ["a b", "x".repeat(201), "", "\u0000", 7, null]) {
    assert.match(claim({ status: "sent", _id: id }).providerMessageId ?? "7", /^7$/);
  }
});
