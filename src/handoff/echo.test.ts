import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessageClass, Outcome } from "../mail/index.ts";
import { withoutEcho } from "./echo.ts";

const RAW = Buffer.from(
  "X-Postern-Id: 01957a10-2f40-7abc\r\nSubject: Your code 482913\r\n\r\nhttps://acme.test/reset?token=Zm9vYmFyYmF6cXV1eDEyMw\r\n" +
    "sincerely-yours-everybody-at-acme\r\n",
);
const said = (diagnostic: string, messageClass: MessageClass = "C2", kind: Outcome["kind"] = "rejected") =>
  withoutEcho({ kind, scope: "message", cause: "message-refused", diagnostic }, messageClass, RAW).diagnostic;

test("what a filter quotes of the text does not outlive the text", () => {
  assert.equal(
    said('5.7.1 "Your code 482913" looks like phishing, link https://acme.test/reset?token=Zm9vYmFyYmF6cXV1eDEyMw'),
    '5.7.1 "Your code […]" looks like phishing, link https://acme.test/reset?token=[…]',
  );
  assert.equal(said("Bad line sincerely-yours-everybody-at-acme"), "Bad line […]");
});

test("words of the provider's own stay: they are what its support asks for", () => {
  for (const text of [
    "5.7.1 Message rejected as spam, see https://help.example/p?id=NoSuchUser1",
    "4.2.0 queue A1B2C3 is full",
  ])
    assert.equal(said(text), text);
});

test("of a secret every word that could be one goes, also where the text is encoded beyond recognition", () => {
  assert.equal(said("5.7.1 rejected: code 999001 in A1B2C3", "C0"), "5.7.1 rejected: code […] in […]");
  assert.equal(said("2.0.0 Ok: queued as A1B2C3", "C0", "accepted"), "2.0.0 Ok: queued as […]");
  assert.equal(
    said("5.1.1 mailbox unavailable, try 550 or 4.2.0 later", "C0"),
    "5.1.1 mailbox unavailable, try 550 or 4.2.0 later",
  );
});

test("an address in a link is one too", () => {
  assert.equal(
    said("See https://help.example/?rcpt=jane.doe%40example.net&p=1"),
    "See https://help.example/?rcpt=[address]&p=1",
  );
});

test("what was taken is not searched, and nothing said is nothing taken out", () => {
  assert.equal(said("2.0.0 queued 482913", "C2", "accepted"), "2.0.0 queued 482913");
  const silent: Outcome = { kind: "deferred", scope: "message", cause: "x" };
  assert.equal(withoutEcho(silent, "C0", RAW), silent);
});
