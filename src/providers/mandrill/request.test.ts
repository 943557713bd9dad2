import assert from "node:assert/strict";
import { test } from "node:test";
import { someEnvelope, someHandoff } from "../../../test/contract/provider-contract.ts";
import type { Handoff } from "../provider.ts";
import { sendRequest } from "./request.ts";

type Body = { key: string; raw_message: string; to: string[]; async: boolean };
function bodyOf(change: Partial<Handoff>, subaccount: string | null = null): Body {
  const request = sendRequest(someHandoff(1, change), "key", subaccount);
  assert.equal(request.kind, "request", JSON.stringify(request));
  return JSON.parse(request.kind === "request" ? request.body : "") as Body;
}
const ordersIn = (raw: string): string[] => raw.split("\r\n").filter((line) => /^x-mc-/i.test(line));

test("the message goes as it is, behind orders that nothing is tracked, changed or shown", () => {
  const body = bodyOf({});
  assert.ok(body.raw_message.endsWith(someHandoff(1).raw.toString()));
  assert.deepEqual(body.to, ["rcpt0@example.net"]);
  assert.equal(body.async, false);
  assert.deepEqual(ordersIn(body.raw_message), [
    'X-MC-Metadata: {"postern_attempt":"attempt-1","postern_id":"01900000-0000-7000-8000-000000000000"}',
    "X-MC-Track: none",
    "X-MC-ViewContentLink: false",
    "X-MC-Autotext: false",
    "X-MC-AutoHtml: false",
    "X-MC-InlineCSS: false",
    "X-MC-PreserveRecipients: true",
  ]);
});

test("ids of any length we give stay below the 250 octets of metadata", () => {
  const orders = ordersIn(bodyOf({ attemptId: "f".repeat(64) as Handoff["attemptId"] }).raw_message);
  assert.ok(orders[0]!.length - "X-MC-Metadata: ".length <= 250);
});

test("secrets and security notices go before others; a subaccount is named", () => {
  assert.ok(bodyOf({ messageClass: "C0" }).raw_message.includes("X-MC-Important: true\r\n"));
  assert.ok(!bodyOf({ messageClass: "C4" }).raw_message.includes("X-MC-Important"));
  assert.ok(bodyOf({}, "cust-1").raw_message.includes("X-MC-Subaccount: cust-1\r\n"));
});

test("orders that came with the message are taken out, however they are written", () => {
  const evil = [
    "X-MC-BccAddress: evil@example.org",
    "x-mc-template: phish|main",
    "X-Mc-Subaccount: other",
    "X-MC-SendAt : 2030-01-01 00:00:00",
    'X-MC-MergeVars: {"_rcpt":\r\n "x",\r\n\t"y": 1}',
    "X-MC-Metadata: {}",
  ];
  const raw = Buffer.from(
    `From: a@account.acme.example\r\n${evil.join("\r\n")}\r\nSubject: Hi\r\n\r\nX-MC-Text: stays\r\n`,
  );
  const [head = "", text = ""] = bodyOf({ raw }).raw_message.split("\r\n\r\n");
  const [clean = ""] = bodyOf({}).raw_message.split("From:");
  assert.equal(head, `${clean}From: a@account.acme.example\r\nSubject: Hi`);
  assert.equal(text, "X-MC-Text: stays\r\n");
});

test("a header section in which orders could hide is refused by name", () => {
  for (const line of [
    "X-MC-BccAddress evil@example.org",
    "\u0001X-MC-Template: x",
    " X-MC-Template: x",
    "A: b\nX-MC-Template: x",
    "A: b\rX-MC-Template: x",
  ]) {
    const request = sendRequest(someHandoff(1, { raw: Buffer.from(`${line}\r\n\r\nHi\r\n`) }), "key", null);
    assert.equal(request.kind === "cannot" && request.outcome.cause, "not-expressible", line);
  }
});

test("what a text of JSON or this API cannot carry is left to another provider", () => {
  const causeOf = (change: Partial<Handoff>): string | false => {
    const request = sendRequest(someHandoff(1, change), "key", null);
    return request.kind === "cannot" && `${request.outcome.kind} ${request.outcome.scope} ${request.outcome.cause}`;
  };
  const latin1 = Buffer.from("Subject: x\r\n\r\n\xe9\r\n", "latin1");
  assert.equal(causeOf({ raw: latin1 }), "rejected account eightbit-not-supported");
  assert.equal(
    causeOf({ envelope: someEnvelope(1, { needsSmtputf8: true }) }),
    "rejected account smtputf8-not-supported",
  );
});

test("octets above 127 arrive as they are", () => {
  const raw = Buffer.from("Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nZoë 🚪\r\n");
  assert.ok(Buffer.from(bodyOf({ raw }).raw_message).includes(raw));
});

const namedIn = (field: string, count: number): Buffer => {
  const all = Array.from({ length: count }, (_, n) => `Name <RCPT${n}@Example.net>`.replace("RCPT", "rcpt"));
  return Buffer.from(`From: news@account.acme.example\r\n${field}: ${all.join(",\r\n ")}\r\nSubject: x\r\n\r\nHi\r\n`);
};

test("not more recipients than are answered one by one", () => {
  assert.equal(bodyOf({ envelope: someEnvelope(12), raw: namedIn("Cc", 12) }).to.length, 10);
});

test("with a hidden recipient one goes at a time: nobody is shown to the others", () => {
  assert.equal(bodyOf({ envelope: someEnvelope(3), raw: namedIn("To", 3) }).to.length, 3);
  assert.deepEqual(bodyOf({ envelope: someEnvelope(3), raw: namedIn("To", 2) }).to, ["rcpt0@example.net"]);
  assert.deepEqual(bodyOf({ envelope: someEnvelope(3), raw: namedIn("X-To", 3) }).to, ["rcpt0@example.net"]);
});
