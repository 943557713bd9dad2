import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS_OF_THE_PROVIDER, outcomeOf, type Stage } from "./outcomes.ts";

const said = (stage: Stage, reply: string) => {
  const { kind, scope, cause } = outcomeOf(stage, { code: Number(reply.slice(0, 3)), text: reply.slice(4) });
  return `${kind} ${scope} ${cause}`;
};

/** Stage | reply | outcome. */
const TABLE = `
greeting | 421 Too many concurrent SMTP connections            | deferred account rate-limited
greeting | 421 4.3.2 Shutting down                             | deferred account service-unavailable
greeting | 554 No SMTP service here                            | rejected account service-refused
hello    | 450 4.3.2 Busy                                      | deferred account service-unavailable
hello    | 550 5.7.1 Go away                                   | rejected account service-refused
tls      | 454 TLS not available due to temporary reason       | deferred account tls-unavailable
tls      | 502 5.5.1 Not implemented                           | deferred account tls-unavailable
auth     | 535 5.7.8 Authentication credentials invalid        | rejected account auth-refused
auth     | 535 5.7.8 Account suspended                         | rejected account account-suspended
auth     | 535 5.7.8 This account is disabled                  | rejected account account-suspended
auth     | 534 5.7.9 Mechanism too weak                        | rejected account auth-refused
auth     | 538 5.7.11 Encryption required                      | rejected account encryption-required
auth     | 454 4.7.0 Temporary authentication failure          | deferred account auth-unavailable
auth     | 500 5.5.1 What                                      | rejected account auth-refused
mail     | 530 5.7.0 Authentication required                   | rejected account auth-required
mail     | 530 5.7.0 Must issue a STARTTLS command first       | rejected account encryption-required
mail     | 550 5.7.1 Account suspended                         | rejected account account-suspended
mail     | 552 sending account has been suspended              | rejected account account-suspended
mail     | 450 4.7.1 Your account is temporarily suspended     | deferred account account-suspended
mail     | 550 5.7.1 Sender not allowed                        | rejected account not-permitted
mail     | 550 5.1.8 Domain not verified                       | rejected account sender-refused
mail     | 553 Sender not owned by you                         | rejected account sender-refused
mail     | 552 5.3.4 Message too big                           | rejected account message-too-large
mail     | 552 Too big                                         | rejected account message-too-large
mail     | 555 5.5.4 Unknown parameter                         | rejected account command-refused
mail     | 501 5.5.4 Syntax                                    | rejected account command-refused
mail     | 451 4.3.0 Queue file write error                    | deferred message temporary-failure
mail     | 454 Throttling failure: Daily message quota exceeded | deferred account rate-limited
mail     | 421 4.7.28 Unusual amount of mail                   | deferred account rate-limited
mail     | 421 4.4.2 Idle too long                             | deferred account service-unavailable
rcpt     | 550 5.1.1 User unknown                              | rejected recipient mailbox-unavailable
rcpt     | 550 5.1.10 Null MX                                  | rejected recipient mailbox-unavailable
rcpt     | 550 5.2.1 The account you tried to reach is disabled | rejected recipient mailbox-unavailable
rcpt     | 552 5.2.2 The account is over quota                 | rejected recipient mailbox-full
rcpt     | 452 4.2.2 The account is over quota                 | deferred recipient mailbox-full
rcpt     | 550 No such user                                    | rejected recipient mailbox-unavailable
rcpt     | 553 Mailbox name not allowed                        | rejected recipient mailbox-unavailable
rcpt     | 554 No                                              | rejected recipient recipient-refused
rcpt     | 501 Bad address                                     | rejected recipient recipient-refused
rcpt     | 552 Too many recipients                             | deferred recipient too-many-recipients
rcpt     | 452 4.5.3 Too much of a crowd                       | deferred recipient too-many-recipients
rcpt     | 452 4.5.3 Enough of them                            | deferred recipient too-many-recipients
rcpt     | 550 5.7.1 Relaying denied                           | rejected account not-permitted
rcpt     | 553 5.6.7 Non-ASCII addresses not permitted         | rejected account smtputf8-not-supported
rcpt     | 450 4.2.1 Mailbox busy                              | deferred recipient temporary-failure
rcpt     | 554 5.7.1 <suspended@b.example>: Access denied      | rejected account not-permitted
rcpt     | 550 <terminated@b.example>: Recipient refused       | rejected recipient mailbox-unavailable
rcpt     | 550 account.paused@b.example... Relaying denied     | rejected recipient mailbox-unavailable
rcpt     | 450 4.7.1 <rate@b.example>: Greylisted              | deferred recipient temporary-failure
rcpt     | 503 5.5.1 Bad sequence                              | rejected account command-refused
data     | 554 5.7.1 Sending paused for this account           | rejected account account-suspended
data     | 554 5.5.1 No                                        | rejected message message-refused
data     | 451 4.3.0 Later                                     | deferred message temporary-failure
text     | 554 5.6.0 Bad content                               | rejected message message-refused
text     | 550 5.7.1 Spam                                      | rejected message policy-refused
text     | 554 Message rejected: Email address is not verified. | rejected account sender-refused
text     | 550 5.1.1 Nobody                                    | rejected message mailbox-unavailable
text     | 552 5.3.4 Too big                                   | rejected account message-too-large
text     | 554 5.6.3 Conversion required                       | rejected account eightbit-not-supported
text     | 421 4.3.0 Going down                                | deferred account service-unavailable
text     | 451 4.3.0 Later                                     | deferred message temporary-failure
text     | 354 Go on                                           | indeterminate message protocol-error
mail     | 354 Go on                                           | deferred account protocol-error
data     | 250 Ok                                              | deferred account protocol-error
`;

for (const row of TABLE.trim().split("\n")) {
  const [stage, reply, outcome] = row.split("|").map((cell) => cell.trim()) as [Stage, string, string];
  test(`${stage}: "${reply}" is ${outcome}`, () => assert.equal(said(stage, reply), outcome));
}

test("an outcome carries the codes and the text", () => {
  assert.deepEqual(outcomeOf("rcpt", { code: 550, text: "5.1.1 Unknown: a@b.example" }), {
    kind: "rejected",
    scope: "recipient",
    cause: "mailbox-unavailable",
    replyCode: 550,
    enhancedStatus: "5.1.1",
    diagnostic: "5.1.1 Unknown: [address]",
  });
});

test("a suspended account is never a mere limit of the provider", () => {
  for (const cause of [
    "account-suspended",
    "auth-refused",
    "auth-required",
    "encryption-required",
    "service-refused",
  ]) {
    assert.equal(LIMITS_OF_THE_PROVIDER.has(cause), false, cause);
  }
});
