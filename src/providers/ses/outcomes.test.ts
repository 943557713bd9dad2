import assert from "node:assert/strict";
import { test } from "node:test";
import type { HttpAnswer } from "../http.ts";
import { outcomeOf } from "./outcomes.ts";

function answered(status: number, body: unknown, headers: Record<string, string> = {}): HttpAnswer {
  const octets = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  let json: unknown;
  try {
    json = JSON.parse(octets.toString());
  } catch {
    json = undefined;
  }
  return { kind: "answer", status, headers, body: octets, json };
}
const error = (status: number, type: string, message = "Words."): string => {
  const { kind, scope, cause } = outcomeOf(answered(status, { message }, { "x-amzn-errortype": type }));
  return `${kind} ${scope} ${cause}`;
};

test("an id is what makes a success", () => {
  const outcome = outcomeOf(answered(200, { MessageId: "0100018c-1" }));
  assert.deepEqual(outcome, {
    kind: "accepted",
    scope: "message",
    cause: "accepted",
    replyCode: 200,
    providerMessageId: "0100018c-1",
  });
  for (const odd of [{}, { MessageId: "" }, { MessageId: ["a"] }, { messageId: "a" }, { MessageId: "a b" }, [], null]) {
    assert.equal(outcomeOf(answered(200, odd)).cause, "unknown-answer", JSON.stringify(odd));
    assert.equal(outcomeOf(answered(200, odd)).kind, "held");
  }
  const page = outcomeOf(answered(200, "<html>Welcome</html>"));
  assert.deepEqual([page.kind, page.cause], ["indeterminate", "protocol-error"]);
});

test("every way in which SES says that the account may not send is known as that", () => {
  const suspended = "rejected account account-suspended";
  assert.equal(error(400, "AccountSuspendedException"), suspended);
  assert.equal(error(400, "SendingPausedException"), suspended);
  assert.equal(error(400, "AccountSendingPausedException"), suspended);
  assert.equal(error(400, "ConfigurationSetSendingPausedException"), suspended);
  assert.equal(
    error(400, "MessageRejected", "Sending paused for this account. For more information, check the inbox."),
    suspended,
  );
  assert.equal(error(400, "MessageRejected", "Account is paused."), suspended);
});

test("quota and rate are told apart, under whatever status", () => {
  assert.equal(
    error(429, "TooManyRequestsException", "Maximum sending rate exceeded."),
    "deferred account rate-limited",
  );
  assert.equal(error(400, "ThrottlingException", "Rate exceeded"), "deferred account rate-limited");
  assert.equal(error(454, "Throttling", "Daily message quota exceeded."), "deferred account quota-exhausted");
  assert.equal(error(400, "LimitExceededException"), "deferred account quota-exhausted");
});

test("a key that is refused, whoever revoked it", () => {
  for (const type of [
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "AccessDeniedException",
    "AccessDenied",
    "ExpiredTokenException",
  ]) {
    assert.equal(error(403, type), "rejected account auth-refused", type);
  }
  assert.equal(error(403, ""), "rejected account auth-refused");
});

test("senders, sizes and requests that are refused here may go elsewhere", () => {
  assert.equal(error(400, "MailFromDomainNotVerifiedException"), "rejected account sender-refused");
  assert.equal(
    error(
      400,
      "MessageRejected",
      "Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: a@b.example",
    ),
    "rejected account sender-refused",
  );
  assert.equal(
    error(400, "BadRequestException", "Message length is more than 41943040 bytes long"),
    "rejected account message-too-large",
  );
  assert.equal(error(413, ""), "rejected account message-too-large");
  assert.equal(
    error(404, "NotFoundException", "Configuration set <x> does not exist."),
    "rejected account channel-unknown",
  );
  assert.equal(error(400, "BadRequestException", "Illegal address"), "rejected account command-refused");
});

test("a message that is refused is refused", () => {
  assert.equal(error(400, "MessageRejected", "Unsupported file type"), "rejected message message-refused");
});

test("an address in the answer does not choose how it is understood", () => {
  assert.equal(
    error(400, "MessageRejected", "Refused: account.is.paused.suspended@b.example"),
    "rejected message message-refused",
  );
});

test("a server that says it did not is believed; one that broke is not", () => {
  assert.equal(error(503, "ServiceUnavailable"), "deferred account service-unavailable");
  assert.equal(error(500, "InternalFailure"), "indeterminate message server-error");
  assert.equal(error(502, ""), "indeterminate message server-error");
});

test("what nobody knows is held", () => {
  assert.equal(error(400, "BrandNewException"), "held message unknown-answer");
  assert.equal(error(302, ""), "held message unknown-answer");
  assert.equal(error(202, ""), "held message unknown-answer");
});

test("the name is read from the header or the body, without what stands around it", () => {
  assert.equal(
    error(400, "AccountSuspendedException:http://internal.amazon.com/coral/"),
    "rejected account account-suspended",
  );
  const inBody = outcomeOf(answered(400, { __type: "com.amazonaws.sesv2#AccountSuspendedException", Message: "No." }));
  assert.equal(inBody.cause, "account-suspended");
  assert.equal(inBody.diagnostic, "AccountSuspendedException: No.");
});

test("no address of an answer gets into a row", () => {
  const outcome = outcomeOf(
    answered(400, { message: "not verified: rcpt0@example.net" }, { "x-amzn-errortype": "MessageRejected" }),
  );
  assert.doesNotMatch(outcome.diagnostic!, /rcpt0@/);
});

test("no answer is not an answer", () => {
  assert.equal(outcomeOf({ kind: "not-sent", cause: "connection-refused" }).kind, "deferred");
  assert.deepEqual(outcomeOf({ kind: "no-answer", cause: "reply-timeout" }), {
    kind: "indeterminate",
    scope: "message",
    cause: "no-answer",
  });
});
