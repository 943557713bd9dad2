import assert from "node:assert/strict";
import { test } from "node:test";
import type { HttpAnswer } from "../http.ts";
import { outcomeOf, outcomesOf } from "./outcomes.ts";

function answer(status: number, body: unknown = "", headers: Record<string, string> = {}): HttpAnswer {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { kind: "answer", status, headers, body: Buffer.from(text), json };
}
const errors = (status: number, message: string, field: string | null = null) =>
  answer(status, { errors: [{ message, field, help: null }] });
const brief = (given: HttpAnswer) => {
  const { kind, scope, cause } = outcomeOf(given);
  return `${kind} ${scope} ${cause}`;
};
const ID = { "x-message-id": "Lli-03HcQ5-JLybO9fXsJg" };

test("a 202 counts with its id and without a body; anything else in it is not believed", () => {
  assert.equal(outcomeOf(answer(202, "", ID)).providerMessageId, ID["x-message-id"]);
  assert.equal(brief(answer(202, "", ID)), "accepted message accepted");
  assert.equal(brief(answer(202)), "held message unknown-answer");
  assert.equal(brief(answer(202, "", { "x-message-id": "a b" })), "held message unknown-answer");
  assert.equal(brief(answer(202, { queued_reason: "account-suspended" }, ID)), "held message unknown-answer");
  assert.equal(brief(answer(202, "<html>", ID)), "indeterminate message protocol-error");
});

test("a success nobody knows is held, and the 200 of sandbox mode is no sending", () => {
  assert.equal(brief(answer(200)), "held message not-sent");
  for (const status of [201, 204, 207, 299]) assert.equal(brief(answer(status, "", ID)), "held message unknown-answer");
});

test("each documented refusal", () => {
  const cases: [HttpAnswer, string][] = [
    [errors(401, "Maximum credits exceeded"), "rejected account quota-exhausted"],
    [errors(401, "The provided authorization grant is invalid, expired, or revoked"), "rejected account auth-refused"],
    [errors(401, "authorization required"), "rejected account auth-refused"],
    [errors(401, "Your account has been suspended"), "rejected account account-suspended"],
    [errors(403, "Your account is temporarily under review"), "rejected account account-suspended"],
    [
      errors(403, "You are not authorized to access SendGrid, please contact Support."),
      "rejected account account-suspended",
    ],
    [
      errors(403, "The from address does not match a verified Sender Identity.", "from"),
      "rejected account sender-refused",
    ],
    [errors(403, "The from address does not match a verified Sender Identity."), "rejected account sender-refused"],
    [errors(403, "access forbidden"), "rejected account auth-refused"],
    [answer(403, "<html>"), "rejected account auth-refused"],
    [errors(400, "The from email does not contain a valid address.", "from.email"), "rejected account sender-refused"],
    [errors(400, "Bad Request"), "rejected account command-refused"],
    [errors(404, "not found"), "rejected account service-refused"],
    [errors(405, "method not allowed"), "rejected account service-refused"],
    [errors(413, "content too large"), "rejected account message-too-large"],
    [errors(429, "too many requests"), "deferred account rate-limited"],
    [errors(503, "service unavailable"), "deferred account service-unavailable"],
    [errors(500, "internal server error"), "indeterminate message server-error"],
    [answer(502, "<html>"), "indeterminate message server-error"],
    [answer(504), "indeterminate message server-error"],
    [answer(302), "rejected account service-refused"],
    [errors(418, "I'm a teapot"), "held message unknown-answer"],
  ];
  for (const [given, expected] of cases) assert.equal(brief(given), expected);
});

test("an address that is repeated does not decide what a refusal means", () => {
  assert.equal(brief(errors(400, "account suspended@example.net is no address")), "rejected account command-refused");
  // A 400 speaks of the message, in words that its writer chose: names of header fields among them.
  assert.equal(brief(errors(400, "reserved header account-suspended")), "rejected account command-refused");
  const repeated = errors(403, "access forbidden for under-review.suspended@example.net");
  assert.equal(brief(repeated), "rejected account auth-refused");
  assert.doesNotMatch(outcomeOf(repeated).diagnostic ?? "", /@example/);
});

test("a refused recipient is named; the others were not sent to and may go without it", () => {
  const given = errors(400, "Does not contain a valid address.", "personalizations.0.cc.0.email");
  const said = outcomesOf(given, ["to.0", "cc.0", "bcc.0"]).map(
    ({ kind, scope, cause }) => `${kind} ${scope} ${cause}`,
  );
  const other = "deferred recipient other-recipient-refused";
  assert.deepEqual(said, [other, "rejected recipient recipient-refused", other]);
});

test("where more than recipients is wrong, nobody is told to be the reason", () => {
  const both = answer(400, {
    errors: [
      { message: "Does not contain a valid address.", field: "personalizations.0.to.0.email" },
      { message: "The subject is required.", field: "subject" },
    ],
  });
  for (const { cause } of outcomesOf(both, ["to.0", "to.1"])) assert.equal(cause, "command-refused");
});

test("errors of any shape are read without a throw", () => {
  for (const body of [{ errors: null }, { errors: [null, 1, "text", []] }, { errors: {} }, [], null, 7]) {
    assert.equal(brief(answer(401, body)), "rejected account auth-refused");
  }
});
