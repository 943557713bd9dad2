import assert from "node:assert/strict";
import { test } from "node:test";
import type { HttpAnswer } from "../http.ts";
import { LIMITS_OF_THE_PROVIDER } from "../smtp/index.ts";
import { outcomesOf } from "./outcomes.ts";

const answer = (status: number, json: unknown): HttpAnswer => {
  const body = Buffer.from(json === undefined ? "<html>" : JSON.stringify(json));
  return { kind: "answer", status, headers: {}, body, json };
};
const ID = "0a129aee-e1cd-480d-b08d-4f48548ff48d";
const brief = (given: HttpAnswer, recipients = ["a@example.net"]) =>
  outcomesOf(given, recipients).map(({ kind, scope, cause }) => `${kind} ${scope} ${cause}`);
const first = (status: number, json: unknown) => brief(answer(status, json))[0];

test("OK with an id is accepted, and the id is kept", () => {
  const [outcome] = outcomesOf(answer(200, { ErrorCode: 0, Message: "OK", MessageID: ID }), ["a@example.net"]);
  assert.equal(outcome?.kind, "accepted");
  assert.equal(outcome?.providerMessageId, ID);
  assert.equal(outcome?.replyCode, 200);
});

test("a success that is none is held: a test token, no id, another text, another code", () => {
  assert.equal(first(200, { ErrorCode: 0, Message: "Test job accepted", MessageID: ID }), "held account test-mode");
  for (const json of [
    { ErrorCode: 0, Message: "OK" },
    { ErrorCode: 0, MessageID: ID },
    { ErrorCode: 0, Message: "Message OK, but it waits for review.", MessageID: ID },
    { ErrorCode: "0", Message: "OK", MessageID: ID },
    { ErrorCode: 7, Message: "OK", MessageID: ID },
    { Message: "OK", MessageID: ID },
    [],
    null,
    "OK",
    {},
  ]) {
    assert.equal(first(200, json), "held message unknown-answer", JSON.stringify(json));
  }
  assert.equal(first(202, { ErrorCode: 0, Message: "OK", MessageID: ID }), "held message unknown-answer");
  assert.equal(first(200, undefined), "indeterminate message protocol-error");
});

test("recipients of its own list are refused one by one, whatever the form of the sentence", () => {
  const recipients = ["Hard@example.net", "good@example.net", "spam@example.net"];
  for (const end of [
    "",
    ".",
    ". Inactive recipients are ones that have generated a hard bounce or a spam complaint.",
  ]) {
    const Message = `Message OK, but will not deliver to these inactive addresses: hard@example.net, spam@example.net${end}`;
    assert.deepEqual(brief(answer(200, { ErrorCode: 0, Message, MessageID: ID }), recipients), [
      "rejected account recipient-suppressed",
      "accepted message accepted",
      "rejected account recipient-suppressed",
    ]);
  }
});

test("a sentence about addresses we did not give is held for all", () => {
  const Message = "Message OK, but will not deliver to these inactive addresses: other@example.net";
  assert.deepEqual(brief(answer(200, { ErrorCode: 0, Message, MessageID: ID }), ["a@example.net", "b@example.net"]), [
    "held message unknown-answer",
    "held message unknown-answer",
  ]);
});

test("codes decide, and their numbers are no HTTP statuses", () => {
  for (const [status, code, expected] of [
    [401, 10, "rejected account auth-refused"],
    [422, 300, "rejected message message-refused"],
    [422, 400, "rejected account sender-refused"],
    [422, 401, "rejected account sender-refused"],
    [422, 405, "rejected account quota-exhausted"],
    [422, 406, "rejected account recipient-suppressed"],
    [422, 411, "rejected account attachment-refused"],
    [422, 412, "rejected account account-pending"],
    [422, 413, "rejected account account-suspended"],
    [422, 1235, "rejected account channel-unknown"],
    [503, 100, "deferred account service-unavailable"],
    [422, 77, "held message unknown-answer"],
    // What stands before Postmark answers for itself: a code in its body is not believed.
    [502, 100, "indeterminate message server-error"],
    [500, 413, "indeterminate message server-error"],
  ] as const) {
    assert.equal(first(status, { ErrorCode: code, Message: "x" }), expected, `${status} ${code}`);
  }
});

test("statuses without a code", () => {
  for (const [status, expected] of [
    [301, "deferred account protocol-error"],
    [401, "rejected account auth-refused"],
    [403, "held message unknown-answer"],
    [404, "rejected account service-refused"],
    [413, "rejected account message-too-large"],
    [429, "deferred account rate-limited"],
    [500, "indeterminate message server-error"],
    [503, "indeterminate message server-error"],
    [504, "indeterminate message server-error"],
  ] as const) {
    assert.equal(first(status, undefined), expected, String(status));
  }
});

test("no answer is no outcome of Postmark's", () => {
  assert.deepEqual(brief({ kind: "not-sent", cause: "connection-refused" }), ["deferred account connection-refused"]);
  assert.deepEqual(brief({ kind: "no-answer", cause: "reply-timeout" }, ["a@x.example", "b@x.example"]), [
    "indeterminate message no-answer",
    "indeterminate message no-answer",
  ]);
});

test("a diagnostic repeats no address", () => {
  const Message = "Found inactive addresses: rcpt@example.net.\nInactive";
  const [outcome] = outcomesOf(answer(422, { ErrorCode: 406, Message }), ["rcpt@example.net"]);
  assert.equal(outcome?.diagnostic, "406 Found inactive addresses: [address] Inactive");
});

test("what Postmark cannot carry does not speak against the account", () => {
  for (const cause of ["not-expressible", "attachment-refused", "recipient-suppressed", "message-too-large"]) {
    assert.ok(LIMITS_OF_THE_PROVIDER.has(cause), cause);
  }
  for (const cause of ["account-suspended", "account-pending", "auth-refused", "channel-unknown"]) {
    assert.equal(LIMITS_OF_THE_PROVIDER.has(cause), false, cause);
  }
});
