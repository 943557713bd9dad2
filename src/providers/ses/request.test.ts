import assert from "node:assert/strict";
import { test } from "node:test";
import { someEnvelope, someHandoff } from "../../../test/contract/provider-contract.ts";
import { sendRequest } from "./request.ts";

const bodyOf = (...given: Parameters<typeof sendRequest>): Record<string, unknown> => {
  const made = sendRequest(...given);
  assert.equal(made.kind, "request");
  return JSON.parse(made.kind === "request" ? made.body.toString() : "") as Record<string, unknown>;
};
const refusalOf = (...given: Parameters<typeof sendRequest>) => {
  const made = sendRequest(...given);
  assert.equal(made.kind, "cannot");
  return made.kind === "cannot" ? made.outcome : null;
};

test("the message goes as it is, to the recipients of this attempt only, with our ids as tags", () => {
  const handoff = someHandoff(2);
  assert.deepEqual(bodyOf(handoff, "events"), {
    FeedbackForwardingEmailAddress: "bounces@account.acme.example",
    Destination: { ToAddresses: ["rcpt0@example.net", "rcpt1@example.net"] },
    Content: { Raw: { Data: handoff.raw.toString("base64") } },
    EmailTags: [
      { Name: "postern_attempt", Value: "attempt-1" },
      { Name: "postern_id", Value: "01900000-0000-7000-8000-000000000000" },
    ],
    ConfigurationSetName: "events",
  });
});

test("nothing takes the place of the author", () => {
  assert.equal("FromEmailAddress" in bodyOf(someHandoff(1), null), false);
});

test("a message without a return path and an account without a configuration set leave both out", () => {
  const body = bodyOf(someHandoff(1, { envelope: someEnvelope(1, { returnPath: null }) }), null);
  assert.equal("FeedbackForwardingEmailAddress" in body, false);
  assert.equal("ConfigurationSetName" in body, false);
});

test("what SES cannot carry is refused by name, so that another provider may carry it", () => {
  const many = refusalOf(someHandoff(51), null);
  assert.deepEqual([many?.kind, many?.scope, many?.cause], ["rejected", "account", "not-expressible"]);
  const utf8 = refusalOf(someHandoff(1, { envelope: someEnvelope(1, { needsSmtputf8: true }) }), null);
  assert.equal(utf8?.cause, "smtputf8-not-supported");
  const large = refusalOf(someHandoff(1, { raw: Buffer.alloc(32 * 1024 * 1024, 0x61) }), null);
  assert.equal(large?.cause, "message-too-large");
});

test("a message does not give orders to SES", () => {
  for (const field of [
    "X-SES-CONFIGURATION-SET: other",
    "x-ses-source-arn : arn:aws:ses:eu:1:identity/b.example",
    "X-SES-MESSAGE-TAGS: postern_attempt=forged",
  ]) {
    const outcome = refusalOf(
      someHandoff(1, { raw: Buffer.from(`From: a@b.example\r\n${field}\r\n\r\nHello\r\n`) }),
      null,
    );
    assert.equal(outcome?.cause, "not-expressible");
    assert.match(outcome?.diagnostic ?? "", /x-ses-/);
  }
  bodyOf(
    someHandoff(1, { raw: Buffer.from("From: a@b.example\r\n\r\nX-SES-CONFIGURATION-SET: in the body\r\n") }),
    null,
  );
});
